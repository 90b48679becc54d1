from dataclasses import dataclass

from application.identity.begin_sign_up import SignUpCommand
from application.identity.open_session import SignedIn, open_session
from application.identity.register import register
from application.identity.sign_in_limit import SignInLimit
from application.ports.clock import Clock
from application.ports.invites import InviteViews
from application.ports.password_hasher import PasswordHasher
from application.ports.sign_in import SignInWork
from application.ports.unit_of_work import Begin
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller
from domain.identity import SessionLife, SignUp, SignUpClosed
from domain.workspaces.invites import InviteExpired, InviteToken, OtherEmail


@dataclass(frozen=True, slots=True)
class SignUpInvited:
    """Makes a user of somebody with an invite, which shows that its address is theirs, and opens a session for them.

    The invite stays as it is, to be accepted by the new user.
    """

    begin: Begin[SignInWork]
    invites: InviteViews
    hasher: PasswordHasher
    open_personal_workspace: OpenPersonalWorkspace
    limit: SignInLimit
    policy: SignUp
    life: SessionLife
    clock: Clock

    async def __call__(self, command: SignUpCommand, invite: str) -> SignedIn:
        """The session.

        Raises:
            SignUpClosed: nobody signs up here.
            Limited: too many tries for this e-mail or from this address.
            Invalid: e-mail, name or password cannot be taken.
            InviteExpired: the invite opens nothing. OtherEmail: it was sent to another address.
            EmailTaken: they are a user already.
        """
        if self.policy is SignUp.CLOSED:
            raise SignUpClosed
        email, name, password = command.checked()
        await self.limit.admit(command.address, email)
        await self._must_be_invited(email, InviteToken.parse(invite))
        password_hash, now = await self.hasher.hash(password), self.clock.now()
        async with self.begin() as work:
            user = await work.commit(await register(work, email, name, password_hash, now))
        await self.open_personal_workspace(Caller(actor=user.actor))
        async with self.begin() as work:
            return await work.commit(await open_session(work, user, command.client, now, self.life))

    async def _must_be_invited(self, email: str, token: InviteToken) -> None:
        invite = await self.invites.invite(token.id)
        if invite is None:
            raise InviteExpired
        invite.must_open(token, self.clock.now())
        if invite.email != email:
            raise OtherEmail
