"""Changing an env file, read back as the daemons get it: by python-dotenv, and by systemd's rules."""

import os
import shlex
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st

from volspike.settings import env_edit
from volspike.settings.env_edit import UnwritableError, edited, quoted

TEXT = """\
# Settings of ours.

# How much is logged. (DEBUG, INFO, WARNING or ERROR)
#LOG_LEVEL=INFO
FUNDING_API_PORT=8888
export VOLUME_MULTIPLE = 4
"""


def by_systemd(text: str) -> str:
    """Return what systemd makes of a value: quotes as in a shell, without expansion."""
    return "".join(shlex.split(text)) if text[:1] in "'\"" else text


def test_a_value_is_changed_in_its_place_and_all_else_stays() -> None:
    assert edited(TEXT, {"FUNDING_API_PORT": "9000"}) == TEXT.replace("8888", "9000")


def test_a_variable_is_found_however_its_line_is_written() -> None:
    assert edited(TEXT, {"VOLUME_MULTIPLE": "5"}) == TEXT.replace("export VOLUME_MULTIPLE = 4", "VOLUME_MULTIPLE=5")


def test_a_new_variable_goes_behind_its_example_or_to_the_end() -> None:
    text = edited(TEXT, {"LOG_LEVEL": "DEBUG", "CHAT_ID": "-1001"})

    assert text == TEXT.replace("#LOG_LEVEL=INFO\n", "#LOG_LEVEL=INFO\nLOG_LEVEL=DEBUG\n") + "CHAT_ID=-1001\n"


def test_of_repeats_the_last_place_remains() -> None:
    assert (
        edited("LOG_LEVEL=INFO\nA=1\nLOG_LEVEL=ERROR\nB=2\n", {"LOG_LEVEL": "DEBUG"}) == "A=1\nLOG_LEVEL=DEBUG\nB=2\n"
    )


def test_the_older_name_of_a_setting_goes_when_the_setting_comes() -> None:
    assert edited("TELEGRAM_BOT_TOKEN=1:old\n", {"TELEGRAM_TOKEN": "1:new"}) == "TELEGRAM_TOKEN=1:new\n"


def test_what_is_taken_out_leaves_its_comments_and_example() -> None:
    assert edited(TEXT + "LOG_LEVEL=DEBUG\n", {"LOG_LEVEL": None}) == TEXT
    assert edited(TEXT, {"LOG_LEVEL": None}) == TEXT


def test_what_only_unicode_calls_a_line_break_breaks_no_comment() -> None:
    text = "# one\u2028CHAT_ID=1 \x85 two\nLOG_LEVEL=INFO\n"

    assert edited(text, {"CHAT_ID": "2"}) == f"{text}CHAT_ID=2\n"


def test_a_file_without_a_last_line_break_gets_one() -> None:
    assert edited("A=1", {"CHAT_ID": "2"}) == "A=1\nCHAT_ID=2\n"


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp"))).map(str.strip))
@example("0\xa00")
@example("\u3000")
def test_every_value_that_is_taken_is_read_back_the_same_by_both_readers(value: str) -> None:
    try:
        text = quoted(value)
    except UnwritableError:
        assert "\\" in value or "'" in value
        return
    read = dotenv_values(stream=StringIO(edited("# a\n", {"CHAT_ID": value})), interpolate=False)

    assert read == {"CHAT_ID": value}
    assert by_systemd(text) == value


@pytest.mark.parametrize("value", ["a\nb", "a\0", "a\x85b", "a\u2028b", "a\\b", "'$"])
def test_what_the_readers_would_not_agree_on_is_refused(value: str) -> None:
    with pytest.raises(UnwritableError):
        quoted(value)


def test_owner_and_mode_stay_and_the_former_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "volspike.env"
    path.write_text("A=1\n")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    before = path.stat()

    env_edit.replace(path, "A=2\n")

    backup = tmp_path / "volspike.env.bak"
    assert (path.read_text(), backup.read_text()) == ("A=2\n", "A=1\n")
    for file in (path, backup):
        after = file.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert sorted(os.listdir(tmp_path)) == ["volspike.env", "volspike.env.bak"]


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"

    env_edit.replace(path, "A=1\n")

    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == [".env"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.env").write_text("A=1\n")
    (tmp_path / ".env").symlink_to("real.env")

    env_edit.replace(tmp_path / ".env", "A=2\n")

    assert (tmp_path / ".env").is_symlink()
    assert (tmp_path / "real.env").read_text() == "A=2\n"


def test_what_cannot_be_written_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "volspike.env"
    path.write_text("A=1\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        env_edit.replace(path, "A=2\n")

    assert path.read_text() == "A=1\n"
    assert os.listdir(tmp_path) == ["volspike.env"]
