from dataclasses import dataclass

from application.ports.callers import Callers
from application.ports.clock import Clock
from application.ports.identity import IdentityWork
from application.ports.token_verifier import TokenVerifier
from application.ports.unit_of_work import Begin
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller
from domain.errors import Unauthenticated
from domain.identity import EmailTaken, IdentityLink, User, VerifiedIdentity


@dataclass(frozen=True, slots=True)
class WelcomeUser:
    """Makes a user with a personal workspace of an identity seen for the first time; of many at once one does.

    It becomes the user who has its e-mail already, if the issuer says that the e-mail is theirs.
    """

    begin: Begin[IdentityWork]
    verifier: TokenVerifier
    callers: Callers
    open_personal_workspace: OpenPersonalWorkspace
    clock: Clock

    async def __call__(self, identity: VerifiedIdentity) -> Caller:
        """The user as a caller.

        Raises:
            Unauthenticated: the identity was deleted by its issuer, or is a user's who may not sign in.
        """
        completed = await self.verifier.complete(identity)
        try:
            user = await self._link(completed)
        except EmailTaken:  # at the same time, by whoever has this e-mail, too
            user = await self._link(completed)
        if not user.active:
            raise Unauthenticated
        await self.open_personal_workspace(Caller(actor=user.actor))
        caller = await self.callers.of_identity(identity)
        if caller is None:
            raise Unauthenticated
        return caller

    async def _link(self, identity: VerifiedIdentity) -> User:
        now = self.clock.now()
        async with self.begin() as work:
            link = await work.identities.lock(identity.issuer, identity.subject)
            if link is not None:
                if link.user_id is None:
                    raise Unauthenticated
                return await work.users.get(link.user_id)
            email = identity.email if identity.email_verified else None
            user = await work.users.by_email(email) if email else None
            if user is None:
                user = User.new(email, identity.name, now)
                await work.users.add(user)
            made = IdentityLink(issuer=identity.issuer, subject=identity.subject, user_id=user.id, created_at=now)
            await work.identities.put(made)
            return await work.commit(user)
