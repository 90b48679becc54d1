from dataclasses import dataclass
from datetime import datetime

from application.identity.home import home_of
from application.ports.clock import Clock
from application.ports.sign_in import Accounts, SignInWork
from application.ports.unit_of_work import Begin
from domain.actors import SYSTEM
from domain.errors import NotFound
from domain.identity import OneTimeToken, RecoveryLinkIssued, SecondFactorRemoved
from domain.ids import UserId, WorkspaceId
from domain.mail import Recover


@dataclass(frozen=True, slots=True)
class GiveRecoveryLink:
    """Gives whoever sits at the instance's console a link that sets a user's password, and kills those before it."""

    begin: Begin[SignInWork]
    accounts: Accounts
    clock: Clock

    async def __call__(self, email: str, *, unless_set: bool = False, remove_second_factor: bool = False) -> str | None:
        """Where the link leads, below BASE_URL; None when there is a password and the link is only for want of one.

        With `remove_second_factor` the user's goes, so that the link asks for no code; whoever has none keeps none.

        Raises:
            NotFound: no user who may sign in has this e-mail.
        """
        account = await self.accounts.by_email(email)
        if account is None or account.user.email is None or not account.user.active:
            raise NotFound("No user who may sign in has this e-mail.")
        if unless_set and account.password_hash is not None:
            return None
        user, now = account.user, self.clock.now()
        token, secret = OneTimeToken.to_recover(user.id, account.user.email, now)
        async with self.begin() as work:
            home = await home_of(work, user.id)
            if remove_second_factor:
                await _remove_second_factor(work, user.id, home, now)
            await work.one_time_tokens.remove_all(token.email)
            await work.one_time_tokens.add(token)
            work.record(RecoveryLinkIssued(workspace_id=home, actor=SYSTEM, at=now, user_id=user.id))
            return await work.commit(Recover(token=secret, expires_at=token.expires_at).path)


async def _remove_second_factor(work: SignInWork, user_id: UserId, home: WorkspaceId, at: datetime) -> None:
    login = await work.logins.lock(user_id)
    if login is not None and login.has_second_factor:
        await work.logins.put(login.without_second_factor(at))
        work.record(SecondFactorRemoved(workspace_id=home, actor=SYSTEM, at=at, user_id=user_id))
