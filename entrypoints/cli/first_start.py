"""What a start finds or makes before it serves: the owner, their token, and the demo business."""

from pathlib import Path

from application.ports.callers import Callers
from application.ports.workspaces import WorkspaceView
from domain.access import Caller
from domain.errors import Unauthenticated
from entrypoints.container import Container
from entrypoints.settings import AuthMode, Environment, Settings
from entrypoints.supervisor.errors import CannotStart
from entrypoints.supervisor.home import secret_file

OWNER_TOKEN = "owner-token"  # noqa: S105 (a name)
"""The name of the owner's key, and of the file in the home that holds its token."""


async def make_ready(container: Container, settings: Settings) -> None:
    """The owner has a workspace, which is the demo business unless this is production, and a token in the home.

    In production, where homes may come and go with containers, only a workspace that nobody has edited brings a token;
    later `flightdeck token` does.
    """
    owner, workspace = await container.identity().ensure_owner()(settings.owner_email, "Owner")
    production, untouched = settings.environment is Environment.PRODUCTION, workspace.version == 1
    if untouched or not production:
        await _give_token(container, owner, workspace, settings.flightdeck_home / OWNER_TOKEN)
    if untouched and not production:
        await container.identity().seed_demo()(owner, workspace)


async def tell_how_to_sign_in(container: Container, settings: Settings) -> None:
    """Prints a link by which the owner sets their password, while they have none.

    Not in production, where what is printed is kept; there `flightdeck password` does it.
    """
    if AuthMode.LOCAL not in settings.auth_mode or settings.environment is Environment.PRODUCTION:
        return
    path = await container.sign_in().give_recovery_link()(settings.owner_email, unless_set=True)
    if path is not None:
        print(f"The owner's password is not set: {settings.base_url}{path} sets it, within 48 hours.", flush=True)


async def _give_token(container: Container, owner: Caller, workspace: WorkspaceView, file: Path) -> None:
    # A token in the home may be of another database, such as the embedded one before DATABASE_URL was set.
    kept = _read(file)
    if kept is None or not await _opens(container.ports.callers(), kept, owner):
        token = await container.identity().issue_owner_key()(owner, workspace.id, OWNER_TOKEN)
        keep_token(file, token.reveal())


async def _opens(callers: Callers, token: str, owner: Caller) -> bool:
    try:
        return (await callers.of_token(token)).actor.id == owner.actor.id
    except Unauthenticated:
        return False


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def keep_token(file: Path, token: str) -> None:
    """The file holds this token, and no other that it held.

    Raises:
        CannotStart: it cannot be replaced.
    """
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise CannotStart(f"Cannot replace {file}: {error.strerror}.") from error
    secret_file(file, lambda: token)
