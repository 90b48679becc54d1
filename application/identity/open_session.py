from dataclasses import dataclass, field
from datetime import datetime

from application.identity.home import home_of
from application.ports.identity import IdentityWork
from application.ports.identity_views import UserView
from domain.identity import SessionLife, SessionStarted, User, issue_session


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a client keeps of a session; the token is shown this once.

    Attributes:
        expires_at: when it ends unless it is used before.
    """

    token: str = field(repr=False)
    expires_at: datetime
    user: UserView


async def open_session(work: IdentityWork, user: User, client: str, at: datetime, life: SessionLife) -> SignedIn:
    """A new session of the user, begun with the program `client`, told in their personal workspace."""
    session, token = issue_session(user.id, client, at, life)
    home = await home_of(work, user.id)
    started = SessionStarted(workspace_id=home, actor=user.actor, at=at, session_id=session.id)
    await work.credentials.add(session, because=started)
    return SignedIn(token=token.reveal(), expires_at=session.expires_at or at, user=UserView.of(user))
