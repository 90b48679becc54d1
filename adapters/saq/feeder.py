import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

from adapters.saq.leases import Claimed, Leases
from adapters.saq.outage import Outage
from application.ports.bell import Bell
from application.ports.jobs import JobQueue
from domain.jobs import JOBS_TOPIC

_LOOK = 1.0  # seconds
_PATIENCE = 5.0  # seconds


class Feeder:
    """Gives idle slots their jobs, claiming for all of them at once.

    It looks when the bell rings for jobs, every second (a lost ring costs a moment), and when a slot asks, unless it
    has just found that there are no more. Of a type in `caps` it has no more than that many jobs at a time, so that
    those which wait for others leave slots for the rest.
    """

    def __init__(
        self,
        queue: JobQueue,
        bell: Bell,
        leases: Leases,
        types: Sequence[str],
        outage: Outage,
        *,
        caps: Mapping[str, int],
    ) -> None:
        self._queue = queue
        self._bell = bell
        self._leases = leases
        self._types = types
        self._outage = outage
        self._caps = caps
        self._claimed: asyncio.Queue[Claimed] = asyncio.Queue()
        self._asking = 0
        self._look = asyncio.Event()
        self._exhausted = False
        self._stopped = False

    async def next(self) -> Claimed:
        """A job for an idle slot, which waits for it."""
        self._asking += 1
        if not self._exhausted:
            self._look.set()
        try:
            return await self._claimed.get()
        finally:
            self._asking -= 1

    async def run(self) -> None:
        """Claims until stopped."""
        async with asyncio.TaskGroup() as group:
            ears = group.create_task(self._listen())
            while not self._stopped:
                await self._look.wait()
                self._look.clear()
                await self._feed()
            ears.cancel()

    def stop(self) -> None:
        """Ends `run` once a claim under way is in: what the store has given us, we must put back."""
        self._stopped = True
        self._look.set()

    async def _listen(self) -> None:
        async with self._bell.listen(JOBS_TOPIC) as jobs:
            while True:
                await jobs.heard(_LOOK)
                self._exhausted = False
                self._look.set()

    async def _feed(self) -> None:
        idle = self._asking - self._claimed.qsize()
        if idle <= 0 or self._stopped:
            return
        since = asyncio.get_running_loop().time()
        types, limit = self._wanted(idle)
        self._exhausted = len(types) == len(self._types)  # unless it rings meanwhile, or as many come as were asked for
        failed = True
        with self._outage.tolerated("Claiming jobs"):
            async with asyncio.timeout(_PATIENCE):
                claims = await self._queue.claim(types, limit, self._leases.lease)
            failed = False
            for claimed in self._leases.take(claims, since):
                self._claimed.put_nowait(claimed)
            if len(claims) == limit:
                self._exhausted = False
            if len(claims) == limit < idle:
                self._look.set()
        if failed:
            self._exhausted = False
            await self._pause()

    def _wanted(self, idle: int) -> tuple[Sequence[str], int]:
        """The types with room, and how many jobs of any of them there is room for at least."""
        if not self._caps:
            return self._types, idle
        held = Counter(claimed.claim.type for claimed in self._leases.held)
        left = {kind: cap - held[kind] for kind, cap in self._caps.items()}
        types = [kind for kind in self._types if left.get(kind, 1) > 0]
        return types, min(idle, *(left.get(kind, idle) for kind in types))

    async def _pause(self) -> None:
        """Waits a moment, whatever rings meanwhile: the store is in trouble."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                while not self._stopped:
                    await self._look.wait()
                    self._look.clear()
        self._look.set()
