import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from domain.errors import DomainError
from entrypoints.settings import SettingsError
from entrypoints.supervisor.errors import CannotStart

CONFIGURATION = 78
"""The exit code for what a restart cannot mend: a wrong setting, a port taken (EX_CONFIG of sysexits.h)."""

Arguments = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0 done, 1 it could not, 2 wrong usage, 78 a setting is wrong."""
    begun = time.monotonic()
    parsed = _parser().parse_args(arguments, Arguments(begun=begun))
    os.environ["PGAPPNAME"] = f"flightdeck {parsed.command}"  # tells an operator of the database who is connected
    try:
        return command(parsed.command)(parsed)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return CONFIGURATION
    except (CannotStart, DomainError) as error:
        print(f"flightdeck: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def command(name: str) -> Callable[[Arguments], int]:
    """What runs that command, imported now.

    What is imported stays until the end. The collector would walk through all of it again and again, a tenth of the
    time of an import and 50 ms at a time later, while every request waits: so it is off meanwhile, and leaves it out.
    """
    gc.disable()
    try:
        run: Callable[[Arguments], int] = import_module(f"entrypoints.cli.{name}").run
    finally:
        gc.enable()
    gc.freeze()
    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="flightdeck", description="Run Flightdeck and look after it.")
    parser.add_argument("--version", action="version", version=f"flightdeck {version('flightdeck')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    up = commands.add_parser("up", help="run everything: the embedded servers, API and worker")
    up.add_argument("--workers", type=_count, default=1, metavar="N", help="worker processes (default: 1)")
    serve = commands.add_parser("serve", help="run the API alone")
    serve.add_argument("--sockets", type=int, nargs="+", default=(), help=argparse.SUPPRESS)
    commands.add_parser("worker", help="run a worker alone")
    commands.add_parser("services", help="run the embedded servers alone and print their addresses")
    migrate = commands.add_parser("migrate", help="bring the database's schema up to date")
    migrate.add_argument(
        "--wait", type=_seconds, default=0.0, metavar="S", help="seconds to wait for the database (default: 0)"
    )
    backup = commands.add_parser("backup", help="write the database into one file, while everything runs")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.add_argument("--force", action="store_true", help="replace the file if it exists")
    backup.add_argument("--with-key", action="store_true", help="put the secret key in: whoever has the file has all")
    restore = commands.add_parser("restore", help="put a backup into the database; everything else is stopped before")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--force", action="store_true", help="replace all data that the database holds")
    restore.add_argument("--other-key", action="store_true", help="go on when sealed secrets cannot be opened here")
    commands.add_parser("seed", help="put the demo business into the owner's workspace; may be repeated")
    commands.add_parser("token", help="give the owner a new token, print it, and revoke the one before")
    password = commands.add_parser("password", help="print a link by which a user sets their password")
    password.add_argument("email", metavar="EMAIL")
    password.add_argument(
        "--remove-second-factor", action="store_true", help="ask them for no code any more, as they have lost theirs"
    )
    _secrets_actions(commands.add_parser("secrets", help="look after the secrets that are stored sealed"))
    _mail_actions(commands.add_parser("mail", help="try whether letters are sent, and see what they look like"))
    _memory_actions(commands.add_parser("memory", help="look after what is remembered"))
    admin = commands.add_parser("admin", help="say who looks after this instance")
    change = admin.add_subparsers(dest="action", required=True, metavar="action")
    change.add_parser("grant", help="have a user look after it").add_argument("email", metavar="EMAIL")
    change.add_parser("revoke", help="have them do so no more").add_argument("email", metavar="EMAIL")
    _audit_actions(commands.add_parser("audit", help="look whether what happened was changed afterwards"))
    commands.add_parser("schema", help="print the tables, with what each is for, as Markdown")
    openapi = commands.add_parser("openapi", help="write openapi.json")
    openapi.add_argument("--check", action="store_true", help="only see whether it is up to date")
    commands.add_parser("doctor", help="see what is configured, what answers, and what to do about the rest")
    return parser


def _audit_actions(audit: argparse.ArgumentParser) -> None:
    actions = audit.add_subparsers(dest="action", required=True, metavar="action")
    verify = actions.add_parser("verify", help="find rows of the activity that were changed, removed or added")
    verify.add_argument("--workspace", metavar="HANDLE", help="one of them (default: all, deleted ones too)")
    verify.add_argument(
        "--noted", type=_digest, action="append", default=[], metavar="DIGEST", help="a seal that must still be there"
    )


def _memory_actions(memory: argparse.ArgumentParser) -> None:
    actions = memory.add_subparsers(dest="action", required=True, metavar="action")
    prune = actions.add_parser("prune", help="delete the memories that nobody will need, as a job does each night")
    prune.add_argument("--dry-run", action="store_true", help="only tell which, and why")


def _secrets_actions(secrets: argparse.ArgumentParser) -> None:
    actions = secrets.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser("rotate", help="seal all with SECRET_KEY, so that SECRET_KEY_PREVIOUS can be dropped")


def _mail_actions(mail: argparse.ArgumentParser) -> None:
    actions = mail.add_subparsers(dest="action", required=True, metavar="action")
    test = actions.add_parser("test", help="send a test letter now, with the settings as they are")
    test.add_argument("address", metavar="ADDRESS")
    preview = actions.add_parser("preview", help="write letters with examples in them, as HTML and as text")
    preview.add_argument("template", nargs="?", metavar="TEMPLATE", help="one of them (default: all)")
    preview.add_argument("--to", type=Path, default=Path("mail-preview"), metavar="DIR", help="where to")


def _count(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 64):  # noqa: PLR2004 (as the sentence says)
        raise argparse.ArgumentTypeError("it takes 1 to 64")
    return int(text)


def _digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:  # noqa: PLR2004 (as the sentence says)
        raise argparse.ArgumentTypeError("it takes 64 hexadecimal digits, as verify prints them")
    return digest


def _seconds(text: str) -> float:
    if not (text.isdecimal() and int(text) <= 3600):  # noqa: PLR2004 (as the sentence says)
        raise argparse.ArgumentTypeError("it takes 0 to 3600")
    return float(text)


if __name__ == "__main__":
    sys.exit(main())
