from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.unit_of_work import Begin
from domain.access import Caller, Permission
from domain.identity import KeyIssued, Token, issue_key
from domain.ids import UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class IssueOwnerKey:
    """Gives the instance's owner an API key that opens whatever they may do."""

    begin: Begin[IdentityWork]
    clock: Clock

    async def __call__(self, caller: Caller, workspace_id: WorkspaceId, name: str, *, alone: bool = False) -> Token:
        """The key's token, which cannot be shown again; when `alone`, other keys of the name open nothing any more.

        Raises:
            NotFound, Forbidden: the caller may not.
        """
        caller.must(Permission.WORKSPACE_WRITE, workspace_id)
        now = self.clock.now()
        async with self.begin() as work:
            user = await work.users.get(UserId(caller.actor.id))
            if alone:
                await work.credentials.revoke_named(user.id, name, now)
            credential, token = issue_key(user, None, name, now)
            issued = KeyIssued.of(credential, workspace_id, by=caller.actor, at=now)
            await work.credentials.add(credential, because=issued)
            return await work.commit(token)
