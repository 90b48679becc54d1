"""A user's sessions: which there are, and their ends."""

from dataclasses import dataclass, replace

from application.identity.home import home_of
from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.sign_in import SessionView, SessionViews
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.errors import NotFound
from domain.identity import CredentialKind, SessionEnded
from domain.ids import CredentialId
from domain.pages import Page
from domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class ListSessions:
    """Shows a user where they are signed in."""

    views: SessionViews
    clock: Clock

    async def __call__(self, caller: Caller, cursor: str | None, limit: int) -> Page[SessionView]:
        """The sessions that open something, newest first.

        Raises:
            NotFound, Forbidden: the caller may not.
            InvalidCursor: the cursor is none that this list gave.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_READ)
        page = await self.views.sessions(user_id, self.clock.now(), cursor, limit)
        items = [replace(session, current=session.id == caller.credential_id) for session in page.items]
        return replace(page, items=items)


@dataclass(frozen=True, slots=True)
class EndSession:
    """Ends one of a user's sessions at once."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, session_id: CredentialId) -> None:
        """Nothing.

        Raises:
            Forbidden: the caller may not.
            NotFound: the caller is no user, or has no such session any more.
        """
        user_id, now = caller.must_themselves(Permission.ACCOUNT_WRITE), self.clock.now()
        async with self.begin() as work:
            session = await work.credentials.lock(session_id)
            if session.kind is not CredentialKind.SESSION or session.user_id != user_id or not session.holds(now):
                raise NotFound
            home = await home_of(work, user_id)
            ended = SessionEnded(workspace_id=home, actor=caller.actor, at=now, session_id=session_id)
            await work.credentials.save(session.revoked(now), because=ended)
            await work.commit(None)


@dataclass(frozen=True, slots=True)
class SignOut:
    """Ends the session that a user calls with; a key stays as it is, as it is revoked and not signed out."""

    end_session: EndSession

    async def __call__(self, caller: Caller) -> None:
        """Nothing.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must_themselves(Permission.ACCOUNT_WRITE)
        if caller.credential_id is None:
            return
        try:
            await self.end_session(caller, caller.credential_id)
        except NotFound:  # a key, or ended meanwhile
            return


@dataclass(frozen=True, slots=True)
class SignOutEverywhere:
    """Ends all sessions of a user, the one they call with, too."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller) -> None:
        """Nothing.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        user_id, now = caller.must_themselves(Permission.ACCOUNT_WRITE), self.clock.now()
        async with self.begin() as work:
            home = await home_of(work, user_id)
            for session_id in await work.credentials.revoke_all(user_id, {CredentialKind.SESSION}, now):
                work.record(SessionEnded(workspace_id=home, actor=caller.actor, at=now, session_id=session_id))
            await work.commit(None)
