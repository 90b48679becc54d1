from dataclasses import dataclass

from application.ports.identity_views import UserViews
from domain.access import Caller
from domain.errors import NotFound
from domain.identity import User
from domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class ReadUser:
    """Shows a user what is known of them."""

    views: UserViews

    async def __call__(self, caller: Caller) -> User:
        """The caller.

        Raises:
            NotFound: the caller is no user.
            Forbidden: they call with a key that does not open their account.
        """
        user = await self.views.user(caller.must_themselves(Permission.ACCOUNT_READ))
        if user is None:
            raise NotFound
        return user
