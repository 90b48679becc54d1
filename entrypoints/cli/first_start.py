"""What a start finds or makes before it serves: the owner, their token, and the demo business."""

from entrypoints.container import Container
from entrypoints.settings import Environment, Settings
from entrypoints.supervisor.home import secret_file


async def make_ready(container: Container, settings: Settings) -> None:
    """The owner has a workspace, which is the demo business unless this is production, and a token in the home."""
    owner, workspace = await container.identity().ensure_owner()(settings.owner_email, "Owner")
    token_file = settings.flightdeck_home / "owner-token"
    if not token_file.exists():
        token = await container.identity().issue_owner_key()(owner, workspace.id, "owner-token")
        secret_file(token_file, token.reveal)
    untouched = workspace.version == 1
    if untouched and settings.environment is not Environment.PRODUCTION:
        await container.identity().seed_demo()(owner, workspace)
