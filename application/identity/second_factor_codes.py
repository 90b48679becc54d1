from dataclasses import dataclass
from datetime import datetime

from application.identity.home import home_of
from application.identity.sign_in_limit import SignInLimit
from application.ports.one_time_passwords import OneTimePasswords
from application.ports.secret_box import SecretBox
from application.ports.sign_in import SignInWork
from domain.identity import BadCode, CodeRequired, Login, RecoveryCodeUsed, User
from domain.ids import UserId
from domain.recovery_codes import used_recovery_code


@dataclass(frozen=True, slots=True)
class SecondFactorCodes:
    """Takes codes: those of a user's app, and recovery codes; each once, as its login is locked meanwhile."""

    passwords: OneTimePasswords
    secret_box: SecretBox
    limit: SignInLimit

    def new_secret(self, user_id: UserId) -> tuple[str, bytes]:
        """A secret for the user's app, and its sealed form, which only opens as theirs."""
        secret = self.passwords.new_secret()
        return secret, self.secret_box.seal(secret.encode(), purpose=_purpose(user_id))

    def step(self, login: Login, sealed: bytes, code: str, at: datetime) -> int:
        """The time step of a code of the app with this secret.

        Raises:
            BadCode: it is wrong, or was taken before.
        """
        secret = self.secret_box.unseal(sealed, purpose=_purpose(login.user_id)).decode()
        step = self.passwords.verify(code, secret, at, login.totp_last_step)
        if step is None:
            raise BadCode
        return step

    async def take(self, work: SignInWork, user: User, login: Login, code: str | None, at: datetime) -> Login:
        """The login after the code was used, to be stored; as it was where no code is asked for.

        Raises:
            CodeRequired: one is asked for, and this is none.
            Limited: too many were tried for this user.
            BadCode: it is wrong, or was taken before.
        """
        if not login.has_second_factor or login.totp_secret is None:
            return login
        if code is None:
            raise CodeRequired
        await self.limit.admit_code(user.id)
        digest = used_recovery_code(code, login.recovery_codes)
        if digest is None:
            return login.took_step(self.step(login, login.totp_secret, code, at))
        taken, home = login.took_recovery_code(digest), await home_of(work, user.id)
        left = len(taken.recovery_codes)
        work.record(RecoveryCodeUsed(workspace_id=home, actor=user.actor, at=at, user_id=user.id, left=left))
        return taken


def _purpose(user_id: UserId) -> str:
    return f"totp:{user_id}"
