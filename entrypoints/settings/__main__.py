"""`python -m entrypoints.settings` writes `.env.example`; with `--check` it only says whether it is up to date."""

import sys
from pathlib import Path

from entrypoints.settings.example import example

_FILE = Path(__file__).parents[2] / ".env.example"


def main(arguments: list[str]) -> int:
    """The exit code: 1 when a check finds the file out of date."""
    if arguments != ["--check"]:
        _FILE.write_text(example(), encoding="utf-8")
    elif not _FILE.exists() or _FILE.read_text(encoding="utf-8") != example():
        sys.stderr.write(".env.example is out of date: run `make fix` and commit it.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
