from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from application.ports.clock import Clock
from application.ports.idempotency import KEYS_KEPT, IdempotencyKeys
from application.ports.jobs import JobProgress
from application.ports.usage import UsageOrigins
from domain.jobs import Claim, JobSpec

ORIGINS_KEPT = timedelta(days=2)
"""Longer than a day is anywhere: as long as a visitor's limit of a day can need it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TidyUp(JobSpec):
    """Forget what has expired."""

    type: ClassVar[str] = "tidy_up"

    @property
    def unique_key(self) -> str | None:
        return "all"


@dataclass(frozen=True, slots=True)
class Tidier:
    """Forgets idempotency keys after `KEYS_KEPT`, and whose messages used what after `ORIGINS_KEPT`."""

    keys: IdempotencyKeys
    origins: UsageOrigins
    clock: Clock

    async def __call__(self, _job: TidyUp, _claim: Claim, progress: JobProgress) -> None:
        """Nothing; done again, it finds nothing to do."""
        now = self.clock.now()
        forgotten = await self.keys.purge(now - KEYS_KEPT)
        await self.origins.forget((now - ORIGINS_KEPT).date())
        await progress.report(100, f"{forgotten} idempotency keys forgotten")
