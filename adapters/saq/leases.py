import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.saq.job_progress import CancelSignal
from adapters.saq.outage import Outage
from application.ports.jobs import Held, JobQueue
from domain.ids import JobId
from domain.jobs import Claim

_LOG = logging.getLogger(__name__)
_PATIENCE = 5.0  # seconds for one try to extend, at most
_ANNOUNCING = 2.0  # seconds


@dataclass(slots=True, eq=False)
class Claimed:
    """A claim in this process.

    Attributes:
        until: when the lease runs out, in the loop's time, at the earliest.
        task: what runs it, once it runs.
        fenced: the claim does not hold any more, and its task was cancelled for that.
    """

    claim: Claim
    until: float
    signal: CancelSignal = field(default_factory=CancelSignal)
    task: asyncio.Task[object] | None = None
    fenced: bool = False
    fencing: asyncio.TimerHandle | None = None

    def fence(self) -> None:
        """Stops whatever runs it."""
        self.fenced = True
        if self.task:
            self.task.cancel()

    def fence_soon(self) -> None:
        """Stops whatever still runs it shortly: it may have ended the job itself, and be telling readers so."""
        if self.fencing is None:
            self.fencing = asyncio.get_running_loop().call_later(_ANNOUNCING, self.fence)


class Leases:
    """The claims this process holds, from claiming to their end.

    Attributes:
        lease: for how long each is leased, and extended.
    """

    def __init__(self, queue: JobQueue, lease: timedelta, outage: Outage) -> None:
        self._queue = queue
        self.lease = lease
        self._outage = outage
        self._held: dict[JobId, Claimed] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def held(self) -> Sequence[Claimed]:
        """All of them."""
        return tuple(self._held.values())

    def take(self, claims: Sequence[Claim], since: float) -> Sequence[Claimed]:
        """Holds claims that were leased at `since` or after, in the loop's time."""
        taken = [Claimed(claim, since + self.lease.total_seconds()) for claim in claims]
        for claimed in taken:
            if former := self._held.get(claimed.claim.job_id):
                former.fence()  # its lease ran out, and the job has come back to us
            self._held[claimed.claim.job_id] = claimed
        if taken:
            self._idle.clear()
        return taken

    def drop(self, claimed: Claimed) -> None:
        """Holds it no longer; it has ended, or is to be put back."""
        if claimed.fencing:
            claimed.fencing.cancel()
        if self._held.get(claimed.claim.job_id) is claimed:
            del self._held[claimed.claim.job_id]
        if not self._held:
            self._idle.set()

    async def until_idle(self) -> None:
        """Returns when none is held."""
        await self._idle.wait()

    async def extend(self) -> None:
        """Extends all, asks those to stop that are to be cancelled, and stops those that do not hold any more.

        While that fails, those whose lease must have run out are stopped too: others may be running them.
        """
        held, since = self.held, self._now()
        if not held:
            return
        with self._outage.tolerated("Extending the leases of jobs"):
            async with asyncio.timeout(min(_PATIENCE, self.lease.total_seconds() / 2)):
                found = await self._queue.extend([claimed.claim for claimed in held], self.lease)
            self._learn(held, found, since)
            await asyncio.gather(*(self._insist(each) for each in held if each.claim.job_id in found.busy))
        for claimed in held:
            if claimed.until <= self._now() and not claimed.fenced:
                claimed.fence()

    async def _insist(self, claimed: Claimed) -> None:
        """Extends one that is locked, once it is free: where units follow each other, looking now and then meets none.

        It waits by itself, and not long, so that the others are extended in time.
        """
        since = self._now()
        with self._outage.tolerated("Extending the lease of a locked job"), suppress(TimeoutError):
            async with asyncio.timeout(min(_PATIENCE, self.lease.total_seconds() / 4)):
                found = await self._queue.extend_when_free(claimed.claim, self.lease)
            self._learn([claimed], found, since)

    def _learn(self, held: Sequence[Claimed], found: Held, since: float) -> None:
        for claimed in held:
            if claimed.claim.job_id not in found.ids | found.busy:
                claimed.fence_soon()
                continue
            if claimed.claim.job_id in found.ids:
                claimed.until = since + self.lease.total_seconds()
            if claimed.claim.job_id in found.cancelled and not claimed.signal.asked:
                claimed.signal.ask()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
