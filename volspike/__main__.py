"""The door: `volspike …` and `python -m volspike …`."""

import sys

from volspike.cli import completion
from volspike.cli.app import app
from volspike.runtime import logs
from volspike.settings import EX_CONFIG, SettingsError


def main() -> None:
    """Run the command line; settings that cannot even be read end it as bad ones do."""
    completion.prepare()
    logs.plain()
    try:
        app(prog_name="volspike")
    except SettingsError as error:
        for problem in error.problems:
            sys.stderr.write(f"volspike: bad setting: {problem}\n")
        sys.exit(EX_CONFIG)


if __name__ == "__main__":
    main()
