from datetime import datetime

from application.identity.home import home_of
from application.ports.sign_in import SignInWork
from domain.identity import CredentialKind, Login, PasswordChanged, PasswordReset, User
from domain.ids import CredentialId


async def put_password(
    work: SignInWork,
    user: User,
    login: Login,
    at: datetime,
    *,
    told_as: type[PasswordChanged | PasswordReset],
    but: CredentialId | None = None,
) -> None:
    """Stores the login with its new password: the user's sessions but one end, and links mailed to them die."""
    await work.logins.put(login)
    await work.credentials.revoke_all(user.id, {CredentialKind.SESSION}, at, but=but)
    if user.email is not None:
        await work.one_time_tokens.remove_all(user.email)
    work.record(told_as(workspace_id=await home_of(work, user.id), actor=user.actor, at=at, user_id=user.id))
