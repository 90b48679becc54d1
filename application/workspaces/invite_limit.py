from dataclasses import dataclass

from application.ports.rate_limiter import Rate, RateLimiter
from domain.actors import Actor
from domain.errors import Limited

LETTERS = Rate(200, 3600)
"""Twice what may be pending in a workspace: more is no team, but somebody's mailbox, or everybody's."""


@dataclass(frozen=True, slots=True)
class InviteLimit:
    """Counts the letters that a user has sent to whomever they like, in all their workspaces."""

    limiter: RateLimiter

    async def admit(self, by: Actor) -> None:
        """Counts one.

        Raises:
            Limited: they have had too many sent.
        """
        allowance = await self.limiter.hit("invites", str(by.id), LETTERS)
        if not allowance.allowed:
            raise Limited("You have invited too many. Wait a little.", retry_after=allowance.reset_seconds)
