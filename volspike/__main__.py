"""The door: `volspike …` and `python -m volspike …`."""

from volspike.cli.app import app


def main() -> None:
    """Run the command line."""
    app(prog_name="volspike")


if __name__ == "__main__":
    main()
