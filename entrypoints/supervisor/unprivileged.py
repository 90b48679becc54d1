import asyncio
import os
import pwd
import shutil
from pathlib import Path

from entrypoints.supervisor.errors import CannotStart

_CANNOT = (
    "PostgreSQL does not run as root, and giving it to an unprivileged user failed: {reason}. "
    "Run Flightdeck as another user, or set DATABASE_URL and REDIS_URL to servers of your own."
)


async def unprivileged(program: Path, data: Path) -> tuple[str, ...]:
    """What to put before `program` so that it does not run as root; nothing when we are not root ourselves.

    Its user is the one who owns `data`, or else `nobody`. No mode or owner of any directory is changed: the program
    keeps one capability, to pass the permissions of files, so that a home or a virtual environment only root can enter
    will do. (`no_setuid_fixup` makes `access()`, by which PostgreSQL finds its own files, respect the capability.)

    Raises:
        CannotStart: setpriv or the capabilities it needs are missing.
    """
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv", path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
    if setpriv is None:
        raise CannotStart(_CANNOT.format(reason="the command setpriv (util-linux) is missing"))
    user, group = _account(data)
    prefix = (
        setpriv,
        f"--reuid={user}",
        f"--regid={group}",
        "--clear-groups",
        "--no-new-privs",
        "--securebits=+no_setuid_fixup",
        "--bounding-set=-all,+dac_override",
        "--inh-caps=-all,+dac_override",
        "--ambient-caps=+dac_override",
    )
    await _try_out((*prefix, str(program), "--version"))
    return prefix


def _account(data: Path) -> tuple[int, int]:
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return owner.st_uid, owner.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


async def _try_out(command: tuple[str, ...]) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    if process.returncode:
        raise CannotStart(_CANNOT.format(reason=complaint.decode(errors="replace").strip()))
