from typing import Protocol


class PasswordHasher(Protocol):
    """Makes of passwords what can be stored: slow to try, and salted. `domain.passwords` says which are taken."""

    async def hash(self, password: str) -> str:
        """What is stored of the password, in a form that names how it was made; each time another."""
        ...

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether `stored` was made of this password.

        None, for a person who is unknown or has no password, is as much work as a wrong password, and False.
        So is what was made by nobody we know.
        """
        ...

    def needs_rehash(self, stored: str) -> bool:
        """Whether `hash` would make it with other costs today, so that the next successful sign-in replaces it."""
        ...
