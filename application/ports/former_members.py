from typing import Protocol

from application.ports.members import MembersWork
from application.ports.sign_in import SignInWork
from domain.ids import UserId


class FormerMembers(Protocol):
    """What is left of users who go."""

    async def forget(self, user_id: UserId) -> None:
        """What the user said is `FORMER_MEMBER`'s, and what they handle; their credentials and mailed links are gone.

        So are the conversations with their companion, as by `Conversations.erase`, with what is found of them, also in
        workspaces that they do not belong to any more.

        Their collections of memories and their standing profiles are gone, too.

        An event of the unit says why. In the order of locks it stands with conversations, before all others.
        """
        ...


class FormerMembersWork(SignInWork, MembersWork, Protocol):
    """What touches a user who goes."""

    former_members: FormerMembers
