"""What is mailed to those who are invited."""

from application.mail.order import MailOrder
from domain.mail import MailKind
from tests.http.system import System

_LINK = "/accept-invite#token="


async def mailed_token(system: System, workspace_id: str, email: str) -> str:
    """The token in the link that the workspace mailed to this address last."""
    rows = await system.sql(
        "select payload ->> 'sealed' from jobs where type = 'send_mail' and workspace_id = %s order by number desc",
        workspace_id,
    )
    orders = (MailOrder.unsealed(sealed, system.container.ports.secret_box()) for (sealed,) in rows)
    order = next(order for order in orders if order.to == email)
    assert order.kind is MailKind.INVITE
    return order.path.removeprefix(_LINK)
