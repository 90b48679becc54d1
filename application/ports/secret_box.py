from typing import Protocol


class UnsealError(Exception):
    """The bytes were not sealed with our key for this purpose, or were changed since."""


class SecretBox(Protocol):
    """Seals secrets for storage: confidential, tamper-evident, and bound to a purpose.

    It seals with one key of ours and may know earlier ones, which open what they sealed.
    """

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        """The sealed form; sealing the same secret twice gives different bytes."""
        ...

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """The secret.

        Raises:
            UnsealError: these bytes were not sealed for this purpose with our key, or were tampered with.
        """
        ...

    def renewed(self, sealed: bytes) -> bytes | None:
        """The secret sealed with the key that seals now, for the same purpose; None when it is already.

        Raises:
            UnsealError: none of our keys sealed it, or the part of it that holds its key was tampered with.
        """
        ...
