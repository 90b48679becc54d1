import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, cast

from adapters.saq.cause import caused_by
from adapters.saq.job_progress import ClaimedJobProgress
from adapters.saq.leases import Claimed, Leases
from application.ports.jobs import JobProgress, JobQueue
from domain.errors import Unavailable
from domain.jobs import Claim, JobCancelled, LeaseLost, TryAgain

Handler = Callable[[Claim, JobProgress], Awaitable[None]]
OnEnd = Callable[[Claim], Awaitable[None]]

_LOG = logging.getLogger(__name__)


class OnFailure(Protocol):
    """Takes a failure."""

    async def __call__(self, claim: Claim, error: str, after: timedelta | None = None, /) -> None:
        """Nothing; `error` is what to say of it, `after` when to try again where the handler knows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """Runs a claimed job and sees to its end.

    Attributes:
        handlers: what does the job, by its type.
        on_success: ends the job when the handler has not done so itself.
        on_failure: takes a failure and what to say of it: what `TryAgain` says, else the error's class and nothing it
            tells.
        on_cancelled: ends a job whose handler stopped because somebody asked.
    """

    queue: JobQueue
    leases: Leases
    handlers: Mapping[str, Handler]
    on_success: OnEnd
    on_failure: OnFailure
    on_cancelled: OnEnd

    async def __call__(self, claimed: Claimed) -> None:
        """Returns when the job has ended, was put back to be tried again, or is not ours any more.

        Raises:
            asyncio.CancelledError: the worker stops, and the job is to be put back.
        """
        claimed.task = asyncio.current_task()
        with caused_by(claimed.claim):
            try:
                if not claimed.fenced:
                    await self._run(claimed)
            except asyncio.CancelledError:
                if not claimed.fenced:
                    raise
                _LOG.info("The job is not ours any more; it was stopped.")
            finally:
                self.leases.drop(claimed)

    async def _run(self, claimed: Claimed) -> None:
        try:
            await self._handle(claimed)
        except LeaseLost:
            _LOG.info("The job is not ours any more.")
        except Unavailable as error:
            _LOG.warning("The job could not be ended (%s); it is tried again when its lease has run out.", error)
        except Exception:  # noqa: BLE001 (whatever it is, the slot goes on with the next job)
            _LOG.exception("The job could not be ended; it is tried again when its lease has run out.")

    async def _handle(self, claimed: Claimed) -> None:
        claim = claimed.claim
        try:
            await self.handlers[claim.type](claim, ClaimedJobProgress(self.queue, claim, claimed.signal))
        except (Exception, asyncio.CancelledError) as raised:
            error = _only(raised)
            if isinstance(error, asyncio.CancelledError) and _asked_to_stop():
                raise
            if isinstance(error, LeaseLost):
                raise error from None
            if isinstance(error, JobCancelled):
                await self.on_cancelled(claim)
                return
            if isinstance(error, TryAgain):
                _LOG.info("The job is to be tried again: %s", error)
                await self.on_failure(claim, str(error), error.after)
                return
            if isinstance(error, Unavailable):
                _LOG.warning("The job failed: %s", error)
            else:
                _LOG.exception("The job failed.")
            await self.on_failure(claim, type(error).__name__)
        else:
            await self.on_success(claim)


def _only(error: BaseException) -> BaseException:
    """The one error in a group of one, as a task group raises it."""
    if not isinstance(error, ExceptionGroup):
        return error
    group = cast("ExceptionGroup[Exception]", error)
    inner: Sequence[Exception] = group.exceptions
    return _only(inner[0]) if len(inner) == 1 else group


def _asked_to_stop() -> bool:
    """Whether we were cancelled, and not something that the job awaited."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
