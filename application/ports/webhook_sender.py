from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.webhooks import SendFault


class Undeliverable(Exception):
    """There was no answer; `code` says why."""

    def __init__(self, code: SendFault) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """What the receiver answered: the status, and the wait it asks for before another try, never negative."""

    status: int
    retry_after: timedelta | None = None


class WebhookSender(Protocol):
    """Carries a body to whatever address a workspace has named, and to nothing of ours."""

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> SendAnswer:
        """Posts the body once, and follows no redirect; of the answer only the head is taken.

        Raises:
            Undeliverable: there was no answer within some seconds, or the address is refused, because a name in it
                stands, also, for one that is not public.
        """
        ...
