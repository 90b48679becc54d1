from datetime import datetime, timedelta
from typing import Protocol

from application.ports.former_members import FormerMembersWork

DELIVERIES_KEPT = timedelta(days=30)
"""How long a message that comes again is known; later ones are older than what is known of their identity."""


class ProviderDeliveries(Protocol):
    """Which messages of issuers have come, within a unit of work."""

    async def add(self, delivery_id: str, at: datetime) -> bool:
        """Notes the message, and whether it is new; needs no event. Of two units with the same one the second waits."""
        ...


class ProviderDeliveryLog(Protocol):
    """The messages that have come."""

    async def purge(self, before: datetime) -> int:
        """Forgets those that came before then; returns how many."""
        ...


class ProviderEventsWork(FormerMembersWork, Protocol):
    """What an issuer's message touches."""

    provider_deliveries: ProviderDeliveries
