"""Who supervises: a living `volspike up`, else systemd."""

import os
from pathlib import Path

from volspike.clients.supervision import supervisor_of
from volspike.clients.supervision.foreground import Foreground
from volspike.clients.supervision.systemd import Systemd
from volspike.model.supervision import Supervision
from volspike.state import documents, file


def test_a_living_suite_in_the_foreground_comes_before_systemd(tmp_path: Path) -> None:
    file.write(tmp_path / documents.SUPERVISION, documents.encode(Supervision(1, os.getpid(), False, {}, [])))
    lock = file.hold(tmp_path / documents.SUPERVISION_LOCK)
    assert lock is not None

    assert isinstance(supervisor_of(tmp_path), Foreground)

    os.close(lock)
    assert isinstance(supervisor_of(tmp_path), Systemd)


def test_without_one_it_is_systemd(tmp_path: Path) -> None:
    assert isinstance(supervisor_of(tmp_path), Systemd)
