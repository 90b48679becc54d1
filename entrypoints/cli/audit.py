import asyncio
import sys
from argparse import Namespace
from contextlib import aclosing

from application.activity.verify_activity import Verification
from application.ports.audit import AuditedWorkspace
from domain.ids import INSTANCE
from entrypoints.cli.configuration import configured, with_secret_key, with_servers
from entrypoints.container import running
from entrypoints.logs import configure
from entrypoints.settings import Settings


def run(arguments: Namespace) -> int:
    """Verifies the seals over the activity, and tells what does not fit; 1 when something does not."""
    settings = with_secret_key(configured())
    configure(settings)
    return asyncio.run(_verify(settings, arguments.workspace, frozenset(arguments.noted)))


async def _verify(given: Settings, handle: str | None, noted: frozenset[bytes]) -> int:
    well, missed = True, set(noted)
    async with (
        with_servers(given) as settings,
        running(settings) as container,
        aclosing(container.activity().verify_activity()(handle, noted)) as found,
    ):
        async for each in found:
            print(_summary(each), flush=True)
            _complain(each)
            well = well and not each.faults
            missed -= each.noted
    for digest in missed:
        print(f"No seal is {digest.hex()}: it was cut off with what it was over, or made anew.", file=sys.stderr)
    return 0 if well and not missed else 1


def _summary(found: Verification) -> str:
    counted = f"{_name(found.workspace)}: {_many(found.rows, 'row')} under {_many(found.seals, 'seal')} verified"
    rest = f", {_many(found.unsealed, 'newest row')} not sealed yet" if found.unsealed else ""
    newest = found.newest
    if newest is None:
        return f"{counted}{rest}."
    return f"{counted}{rest}.\n  Seal {newest.number} of {newest.sealed_at:%Y-%m-%dT%H:%M:%SZ}: {newest.digest.hex()}"


def _complain(found: Verification) -> None:
    name = _name(found.workspace)
    for fault in found.faults:
        print(f"{name}: {fault}.", file=sys.stderr)
    if found.more:
        print(f"{name}: {found.more} more faults.", file=sys.stderr)


def _name(workspace: AuditedWorkspace) -> str:
    if workspace.id == INSTANCE:
        return "the instance"
    return workspace.handle or f"{workspace.id} (deleted)"


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
