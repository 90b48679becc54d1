"""Facts that stop an action, of a few kinds; the HTTP edge maps each kind to one status."""

from dataclasses import dataclass
from typing import ClassVar


class DomainError(Exception):
    """A fact with a stable snake case `code` and a sentence a client may read.

    Attributes:
        code: names the fact for programs and never changes once released.
        detail: says it to a person, without internals.
    """

    code: ClassVar[str] = "error"
    detail: ClassVar[str] = "Something is wrong."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.detail)


class Unauthenticated(DomainError):
    """There are no credentials, or they are wrong, expired or revoked."""

    code = "unauthenticated"
    detail = "Send a valid token as 'Authorization: Bearer <token>'."


class Forbidden(DomainError):
    """The caller is known and sees the object, but lacks a permission, which the sentence names."""

    code = "forbidden"
    detail = "You lack the permission for this."


class NotFound(DomainError):
    """The object is absent, or the caller may not know of it; the two cannot be told apart."""

    code = "not_found"
    detail = "There is no such object."


class Conflict(DomainError):
    """The action contradicts the present state."""

    code = "conflict"
    detail = "The action contradicts the present state."


class Gone(DomainError):
    """The object was here and will not be again."""

    code = "gone"
    detail = "The object is gone for good."


class Stale(DomainError):
    """The object has changed since the caller read it."""

    code = "stale"
    detail = "The object has changed since you read it. Read it again and repeat the change."


class Limited(DomainError):
    """A limit is reached.

    Attributes:
        retry_after: whole seconds until another try can succeed.
    """

    code = "limited"
    detail = "Too many requests."

    def __init__(self, detail: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something the action needs does not answer at the moment."""

    code = "unavailable"
    detail = "A service this needs does not answer at the moment. Try again shortly."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a value: where (a JSON pointer such as `/config/url`), which (a code), and a sentence."""

    pointer: str
    code: str
    detail: str


class Invalid(DomainError):
    """Values that cannot be taken.

    Attributes:
        faults: each fault with its place; the message joins their sentences.
    """

    code = "invalid"
    detail = "The values sent cannot be taken."

    def __init__(self, *faults: Fault) -> None:
        super().__init__(" ".join(fault.detail for fault in faults) or None)
        self.faults = faults


class EditConflict(Conflict):
    """Somebody else changed the object at the same time."""

    code = "edit_conflict"
    detail = "Somebody else changed this at the same time. Read it again and repeat the change."
