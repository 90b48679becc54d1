import json
from dataclasses import dataclass

from application.identity.begin_sign_up import DETAILS
from application.identity.open_session import SignedIn, open_session
from application.identity.register import register
from application.identity.sign_in_limit import SignInLimit
from application.ports.clock import Clock
from application.ports.secret_box import SecretBox, UnsealError
from application.ports.sign_in import SignInWork
from application.ports.unit_of_work import Begin
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller
from domain.errors import EditConflict
from domain.identity import EmailTaken, LinkExpired, SessionLife, TokenPurpose, User, one_time_digest


@dataclass(frozen=True, slots=True)
class VerifyEmail:
    """Makes a user with a personal workspace of whoever got the letter, and opens a session for them."""

    begin: Begin[SignInWork]
    secret_box: SecretBox
    open_personal_workspace: OpenPersonalWorkspace
    limit: SignInLimit
    life: SessionLife
    clock: Clock

    async def __call__(self, secret: str, address: str | None, client: str) -> SignedIn:
        """The session; `secret` is that of the mailed link, `client` the program in use.

        Raises:
            Limited: too many tries from this address.
            LinkExpired: the link opens nothing.
        """
        await self.limit.admit_address(address)
        try:
            user = await self._registered(secret)
        except (EmailTaken, EditConflict, UnsealError) as error:  # another link was faster; SECRET_KEY has changed
            raise LinkExpired from error
        await self.open_personal_workspace(Caller(actor=user.actor))
        async with self.begin() as work:
            return await work.commit(await open_session(work, user, client, self.clock.now(), self.life))

    async def _registered(self, secret: str) -> User:
        now = self.clock.now()
        async with self.begin() as work:
            token = await work.one_time_tokens.take(TokenPurpose.VERIFY, one_time_digest(secret), now)
            if token is None or token.sealed is None:
                raise LinkExpired
            details = json.loads(self.secret_box.unseal(token.sealed, purpose=DETAILS))
            return await work.commit(await register(work, token.email, **details, at=now))
