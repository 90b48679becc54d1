from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from application.ports.clock import Clock
from application.ports.idempotency import KEYS_KEPT, IdempotencyKeys
from application.ports.jobs import JobProgress
from application.ports.provider_deliveries import DELIVERIES_KEPT, ProviderDeliveryLog
from application.ports.sign_in import SESSIONS_KEPT, OneTimeTokenLog, SessionLog
from application.ports.usage import UsageOrigins
from application.ports.webhooks import DELIVERY_LOG_KEPT, DeliveryLog
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
    """Forgets idempotency keys, whose messages used what, issuers' messages, and sessions and deliveries that are over.

    That is once nobody can need them: after `KEYS_KEPT`, `ORIGINS_KEPT`, `DELIVERIES_KEPT`, `SESSIONS_KEPT` and
    `DELIVERY_LOG_KEPT`; mailed links go when they expire.
    """

    keys: IdempotencyKeys
    origins: UsageOrigins
    provider_deliveries: ProviderDeliveryLog
    one_time_tokens: OneTimeTokenLog
    sessions: SessionLog
    webhook_deliveries: DeliveryLog
    clock: Clock

    async def __call__(self, _job: TidyUp, _claim: Claim, progress: JobProgress) -> None:
        """Nothing; done again, it finds nothing to do."""
        now = self.clock.now()
        forgotten = await self.keys.purge(now - KEYS_KEPT)
        await self.origins.forget((now - ORIGINS_KEPT).date())
        await self.provider_deliveries.purge(now - DELIVERIES_KEPT)
        await self.one_time_tokens.purge(now)
        await self.sessions.purge(now - SESSIONS_KEPT)
        await self.webhook_deliveries.purge(now - DELIVERY_LOG_KEPT)
        await progress.report(100, f"{forgotten} idempotency keys forgotten")
