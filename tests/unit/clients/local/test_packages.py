"""Installed packages and the lock file."""

from importlib import metadata

from volspike.clients.local import packages

TYPER = metadata.version("typer")


def lock(*pins: str) -> str:
    return "".join(f"{pin} \\\n    --hash=sha256:0123\n" for pin in pins)


def test_what_is_as_the_lock_file_has_it_is_not_named() -> None:
    assert packages.differing(lock(f"typer=={TYPER}")) == {}


def test_what_is_missing_or_another_version_is_named() -> None:
    locked = lock("typer==0.0.1", "no-such-package==1.0", f"rich=={metadata.version('rich')}")

    assert packages.differing(locked) == {"typer": f"is {TYPER} instead of 0.0.1", "no-such-package": "is missing"}


def test_what_is_locked_for_other_machines_may_be_missing() -> None:
    assert packages.differing(lock("no-such-package==1.0 ; sys_platform == 'win32'")) == {}


def test_the_lock_file_of_this_checkout_is_found() -> None:
    assert "--hash=sha256:" in packages.lock_file().read_text()
