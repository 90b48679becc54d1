from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from domain.activity import Event
from domain.jobs import Claim

Answer = TypeVar("Answer")
Work_co = TypeVar("Work_co", covariant=True)


class UnitOfWork(Protocol):
    """All or nothing: what its repositories write becomes visible with `commit`, and never without.

    Each context sees it through a protocol of its own that adds the repositories a use case of the context needs.
    """

    def record(self, *events: Event) -> None:
        """These will be in the activity of their workspaces, numbered without gaps in the order of commits."""
        ...

    async def commit(self, answer: Answer) -> Answer:
        """Makes everything true at once, then rings for the events and jobs added; a lost ring loses nothing.

        Returns:
            `answer`, which is what the caller is told. When the request carries an idempotency key, the answer is
            stored with the commit, and a repeat of the request gets it again.

        Raises:
            LeaseLost: the unit was begun for a claim that does not hold any more.
            NotFound: the idempotency key is of a conversation that was erased meanwhile.
            UnrecordedError: rows were changed and no event says why.
        """
        ...


class UnrecordedError(AssertionError):
    """A unit of work changed rows and recorded no event: a mistake of ours, found by any test of the use case."""


class Begin(Protocol[Work_co]):
    """Begins a unit of work; leaving the block without `commit` undoes it."""

    def __call__(self, claim: Claim | None = None) -> AbstractAsyncContextManager[Work_co]:
        """A unit; with `claim` one that commits only while the claim holds.

        Raises:
            KeyUsed: on entering, when a unit with the same idempotency key has committed.
            Unavailable: the store does not answer.
        """
        ...
