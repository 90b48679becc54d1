from datetime import datetime

from application.ports.sign_in import SignInWork
from domain.identity import Login, User


async def register(work: SignInWork, email: str, name: str, password_hash: str, at: datetime) -> User:
    """A new user with a password, whose address was shown to be theirs; other links to it open nothing any more.

    Raises:
        EmailTaken: somebody has the address already.
    """
    user = User.new(email, name, at)
    await work.users.add(user)
    await work.logins.put(Login(user_id=user.id, password_hash=password_hash, changed_at=at))
    await work.one_time_tokens.remove_all(email)
    return user
