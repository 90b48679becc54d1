from dataclasses import dataclass
from typing import ClassVar

from application.ports.clock import Clock
from application.ports.idempotency import KEYS_KEPT, IdempotencyKeys
from application.ports.jobs import JobProgress
from domain.jobs import Claim, JobSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class TidyUp(JobSpec):
    """Forget what has expired."""

    type: ClassVar[str] = "tidy_up"

    @property
    def unique_key(self) -> str | None:
        return "all"


@dataclass(frozen=True, slots=True)
class Tidier:
    """Forgets idempotency keys after `KEYS_KEPT`."""

    keys: IdempotencyKeys
    clock: Clock

    async def __call__(self, _job: TidyUp, _claim: Claim, progress: JobProgress) -> None:
        """Nothing; done again, it finds nothing to do."""
        forgotten = await self.keys.purge(self.clock.now() - KEYS_KEPT)
        await progress.report(100, f"{forgotten} idempotency keys forgotten")
