"""A workspace of several, and the short words in which tests speak to it."""

from dataclasses import dataclass, field
from datetime import timedelta

from adapters.memory.invites import MemoryInviteViews
from adapters.memory.members import MemoryMemberViews
from adapters.memory.rate_limiter import MemoryRateLimiter
from application.mail.order import MailOrder
from application.mail.send_mail import SendMail
from application.ports.workspaces import WorkspaceView
from application.workspaces.accept_invite import AcceptInvite, LookAtInvite
from application.workspaces.create_workspace import CreateWorkspace
from application.workspaces.delete_workspace import DeleteWorkspace
from application.workspaces.invite_limit import InviteLimit
from application.workspaces.invites import InviteMember, ListInvites, ResendInvite, RevokeInvite
from application.workspaces.list_workspaces import ListWorkspaces
from application.workspaces.members import ChangeRole, LeaveWorkspace, ListMembers, RemoveMember, TransferWorkspace
from domain.access import ACCOUNT, Caller, Grant, Role
from domain.identity import User
from domain.ids import UserId, WorkspaceId
from tests.application.world import World


@dataclass(slots=True)
class House:
    """Users and workspaces in memory; each caller is what the store says at that moment."""

    world: World
    users: dict[str, User] = field(default_factory=dict[str, User])
    limiter: MemoryRateLimiter = field(default_factory=MemoryRateLimiter)

    async def user(self, name: str) -> User:
        """The user of this name and `<name>@example.com`, new the first time."""
        if name not in self.users:
            user = User.new(f"{name}@example.com", name.title(), self.world.clock.now())
            async with self.world.begin() as work:
                await work.users.add(user)
                self.users[name] = await work.commit(user)
        return self.users[name]

    async def caller(self, name: str) -> Caller:
        """They come a moment later than whoever came before."""
        self.pass_time(timedelta(milliseconds=1))
        user, rows = await self.user(name), self.world.store.memberships.rows.values()
        grants = {row.workspace_id: Grant.of(row.role) for row in rows if row.user_id == user.id}
        return Caller(actor=user.actor, grants=grants, own=ACCOUNT)

    async def studio(self, **roles: Role) -> WorkspaceView:
        """A workspace that Olga owns, with others by their names."""
        workspace = await self.create(await self.caller("olga"), "Studio")
        for name, role in roles.items():
            await self.invite(await self.caller("olga"), workspace.id, f"{name}@example.com", role)
            await self.accept(await self.caller(name), self.token())
        return workspace

    def token(self) -> str:
        """The token in the letter that was ordered last."""
        jobs = [job for job in self.world.store.jobs.rows.values() if job.type == SendMail.type]
        order = MailOrder.unsealed(str(jobs[-1].payload["sealed"]), self.world.secret_box)
        return order.path.removeprefix("/accept-invite#token=")

    def roles(self, workspace_id: WorkspaceId) -> dict[str, Role]:
        """What the members are, by their names."""
        names = {user.id: name for name, user in self.users.items()}
        rows = self.world.store.memberships.rows.values()
        return {names[row.user_id]: row.role for row in rows if row.workspace_id == workspace_id}

    def pass_time(self, wait: timedelta = timedelta(minutes=1)) -> None:
        self.world.clock.advance(wait)

    async def id_of(self, name: str) -> UserId:
        return (await self.user(name)).id

    @property
    def views(self) -> MemoryMemberViews:
        return MemoryMemberViews(self.world.store)

    @property
    def create(self) -> CreateWorkspace:
        return CreateWorkspace(self.world.begin, self.world.clock)

    @property
    def list_workspaces(self) -> ListWorkspaces:
        return ListWorkspaces(self.views)

    @property
    def delete(self) -> DeleteWorkspace:
        return DeleteWorkspace(self.world.begin, self.world.clock)

    @property
    def list_members(self) -> ListMembers:
        return ListMembers(self.views)

    @property
    def change_role(self) -> ChangeRole:
        return ChangeRole(self.world.begin, self.world.clock)

    @property
    def remove(self) -> RemoveMember:
        return RemoveMember(self.world.begin, self.world.clock)

    @property
    def leave(self) -> LeaveWorkspace:
        return LeaveWorkspace(self.world.begin, self.world.clock)

    @property
    def transfer(self) -> TransferWorkspace:
        return TransferWorkspace(self.world.begin, self.world.clock)

    @property
    def list_invites(self) -> ListInvites:
        return ListInvites(MemoryInviteViews(self.world.store))

    @property
    def invite(self) -> InviteMember:
        return InviteMember(self.world.begin, self.world.secret_box, InviteLimit(self.limiter), self.world.clock)

    @property
    def resend(self) -> ResendInvite:
        return ResendInvite(self.world.begin, self.world.secret_box, InviteLimit(self.limiter), self.world.clock)

    @property
    def revoke(self) -> RevokeInvite:
        return RevokeInvite(self.world.begin, self.world.clock)

    @property
    def accept(self) -> AcceptInvite:
        return AcceptInvite(self.world.begin, self.world.clock)

    @property
    def look(self) -> LookAtInvite:
        return LookAtInvite(self.world.begin, self.world.clock)
