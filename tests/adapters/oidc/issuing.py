from datetime import timedelta

from adapters.memory.clock import MemoryClock
from tests.adapters.oidc.signing import token
from tests.contracts.token_verifier import Issuing


def issuing(clock: MemoryClock, **more: object) -> Issuing:
    """Issues tokens with these claims, too."""

    def issue(
        subject: str = "ann",
        *,
        email: str | None = "ann@example.com",
        email_verified: bool = True,
        name: str = "Ann",
        lifetime: timedelta = timedelta(minutes=1),
    ) -> str:
        told = {"email": email, "email_verified": email_verified, "name": name}
        return token(more | told | {"sub": subject, "exp": int((clock.now() + lifetime).timestamp())})

    return issue
