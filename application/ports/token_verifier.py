from typing import Protocol

from domain.identity import VerifiedIdentity


class TokenVerifier(Protocol):
    """Checks the session tokens of an issuer outside: Clerk, or any that speaks OpenID Connect."""

    async def verify(self, token: str) -> VerifiedIdentity:
        """Who the token was issued to; what it costs is bounded, whatever `token` is.

        A token that was verified is good until it expires, unless its issuer gives up the key that signed it.

        Raises:
            Unauthenticated: it is malformed, expired, not valid yet, not signed by an issuer that is trusted, or not
                meant for us; which of these is never told.
            Unavailable: the issuer's keys are not known and cannot be fetched at the moment.
        """
        ...

    async def complete(self, identity: VerifiedIdentity) -> VerifiedIdentity:
        """The identity with its name and e-mail, where the issuer can be asked for what the token does not carry.

        Never raises: when the issuer does not answer, the identity is as it was.
        """
        ...
