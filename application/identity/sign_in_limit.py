from dataclasses import dataclass
from hashlib import sha256

from application.ports.rate_limiter import Rate, RateLimiter
from domain.errors import Limited
from domain.ids import UserId

CODES = Rate(10, 3600)
"""Three of a million codes are right at any moment: whoever guesses day and night at this rate needs years."""


@dataclass(frozen=True, slots=True)
class SignInLimit:
    """Counts tries to sign in, sign up or recover, before they cost anything; success gives none of them back.

    Attributes:
        rate: for each address, and for each account; None is any number, also of codes.
    """

    limiter: RateLimiter
    rate: Rate | None

    async def admit(self, address: str | None, account: str) -> None:
        """Counts a try from this address (None is this machine) for the account of this name, known or not.

        Raises:
            Limited: one of the two has had too many; a try that its address may not make is not the account's.
        """
        await self.admit_address(address)
        await self.admit_account(account)

    async def admit_address(self, address: str | None) -> None:
        """Counts a try from this address, for whomever.

        Raises:
            Limited: it has had too many.
        """
        await self._hit("sign_in_address", address or "local", self.rate)

    async def admit_account(self, account: str) -> None:
        """Counts a try for the account, from wherever.

        Raises:
            Limited: it has had too many.
        """
        await self._hit("sign_in_account", sha256(account.encode("utf-8", "surrogatepass")).hexdigest(), self.rate)

    async def admit_code(self, user_id: UserId) -> None:
        """Counts a code that is tried by somebody who knows the user's password, or has their mailbox.

        Raises:
            Limited: there were too many for one who has the second factor.
        """
        await self._hit("sign_in_code", str(user_id), self.rate and CODES)

    async def _hit(self, name: str, key: str, rate: Rate | None) -> None:
        if rate is None:
            return
        allowance = await self.limiter.hit(name, key, rate)
        if not allowance.allowed:
            raise Limited("Too many tries. Wait a little.", retry_after=allowance.reset_seconds)
