from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.identity_views import KeyView, KeyViews
from application.ports.unit_of_work import Begin
from domain.access import Caller
from domain.errors import NotFound
from domain.identity import CredentialKind, KeyIssued, KeyRevoked, check_key, check_maker, issue_key
from domain.ids import CredentialId, UserId, WorkspaceId
from domain.pages import Page
from domain.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A new key, with the token that is shown this once."""

    key: KeyView
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueKeyCommand:
    """What the key is called, what it may, and until when; None is for ever."""

    name: str
    permissions: Collection[Permission]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueKey:
    """Gives a member an API key of a workspace."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, command: IssueKeyCommand) -> IssuedKey:
        """The key; it never opens more than its maker may do there at the moment it is used.

        Raises:
            NotFound, Forbidden: the caller may not, or has not themselves what the key is to have.
            Invalid: the name, a permission or the time cannot be taken; a key makes none that outlives it.
        """
        caller.must(Permission.KEY_WRITE, workspace_id)
        now = self.clock.now()
        name, permissions = check_key(command.name, command.permissions, command.expires_at, now)
        for permission in permissions:
            caller.must(permission, workspace_id)
        async with self.begin() as work:
            user = await work.users.get(UserId(caller.actor.id))
            await self._must_belong_still(work, caller, workspace_id)
            if caller.by_key and caller.credential_id is not None:
                check_maker(await work.credentials.lock(caller.credential_id), command.expires_at, now)
            credential, token = issue_key(
                user, workspace_id, name, now, permissions=permissions, expires_at=command.expires_at
            )
            issued = KeyIssued.of(credential, workspace_id, by=caller.actor, at=now)
            await work.credentials.add(credential, because=issued)
            return await work.commit(IssuedKey(key=KeyView.of(credential, user), token=token.reveal()))

    async def _must_belong_still(self, work: IdentityWork, caller: Caller, workspace_id: WorkspaceId) -> None:
        # Locked: whoever removes them revokes the keys that there are, and not the one that is just made.
        if all(member.user_id != caller.actor.id for member in await work.members.lock(workspace_id)):
            raise NotFound


@dataclass(frozen=True, slots=True)
class ListKeys:
    """Shows the keys of a workspace that open something."""

    views: KeyViews
    clock: Clock

    async def __call__(
        self, caller: Caller, workspace_id: WorkspaceId, cursor: str | None, limit: int
    ) -> Page[KeyView]:
        """The keys, newest first, without what they open with.

        Raises:
            NotFound, Forbidden: the caller may not.
            InvalidCursor: the cursor is none that this list gave.
        """
        caller.must(Permission.KEY_READ, workspace_id)
        return await self.views.keys(workspace_id, self.clock.now(), cursor, limit)


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Has a key open nothing any more, at once."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, key_id: CredentialId) -> None:
        """Nothing, also when it was revoked before.

        Raises:
            NotFound, Forbidden: the caller may not, or it is no key of a workspace.
        """
        now = self.clock.now()
        async with self.begin() as work:
            key = await work.credentials.lock(key_id)
            if key.kind is not CredentialKind.KEY or key.workspace_id is None:
                raise NotFound
            caller.must(Permission.KEY_WRITE, key.workspace_id)
            if key.revoked_at is None:
                revoked = KeyRevoked.of(key, key.workspace_id, by=caller.actor, at=now)
                await work.credentials.save(key.revoked(now), because=revoked)
            await work.commit(None)
