import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Self

from domain.errors import Conflict
from domain.ids import ConversationId, DeliveryId, JobId, MessageId, WorkspaceId, new_id

MOST_ATTEMPTS = 20
"""Tries a delivery remembers; the oldest go first."""

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The wait after each failure: the schedule that Standard Webhooks 1.0.0 gives, whose first try is at once."""
MAX_TRIES = len(WAITS) + 1
_JITTER = 0.1
_LONGEST = timedelta(hours=24)
_PATIENT = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""The statuses whose `Retry-After` is heeded."""


class DeliveryNotResendable(Conflict):
    """Only what has failed or was cancelled can be sent again."""

    code = "delivery_not_resendable"
    detail = "Only a failed or cancelled delivery can be sent again."


class DeliveryType(StrEnum):
    """What a delivery tells; the `type` of its payload."""

    MESSAGE_SENT = "message.sent"
    TEST = "webhook.test"


class DeliveryStatus(StrEnum):
    """Where a delivery is: tries are to come, or it has ended in one of three ways."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


_MOVES: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    DeliveryStatus.PENDING: frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELLED}),
    DeliveryStatus.DELIVERED: frozenset(),
    DeliveryStatus.FAILED: frozenset({DeliveryStatus.PENDING}),
    DeliveryStatus.CANCELLED: frozenset({DeliveryStatus.PENDING}),
}


class SendFault(StrEnum):
    """Why a try had no answer."""

    ADDRESS_REFUSED = "address_refused"
    CANNOT_CONNECT = "cannot_connect"
    TIMEOUT = "timeout"
    TLS = "tls"
    BAD_ANSWER = "bad_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A try: the status of its answer, or why it had none, and how long it took."""

    at: datetime
    status_code: int | None = None
    error: SendFault | None = None
    milliseconds: int

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it: any 2xx; redirects are not followed."""
        return self.status_code is not None and 200 <= self.status_code < 300  # noqa: PLR2004

    @property
    def refused(self) -> bool:
        """Whether the receiver wants nothing more at all."""
        return self.status_code == HTTPStatus.GONE

    @property
    def outcome(self) -> str:
        """In a word: `http_503`, or why there was no answer."""
        return str(self.error) if self.error else f"http_{self.status_code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Something to be sent through a webhook, and what came of it; it outlives what it told, and holds nothing of it.

    Attributes:
        id: goes with each try, so that the receiver knows a repeat.
        attempts: the newest `MOST_ATTEMPTS`, oldest first.
        job_id: the job that sends it.
    """

    id: DeliveryId
    workspace_id: WorkspaceId
    type: DeliveryType
    conversation_id: ConversationId | None = None
    message_id: MessageId | None = None
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: tuple[Attempt, ...] = ()
    job_id: JobId
    created_at: datetime
    ended_at: datetime | None = None

    @classmethod
    def of_message(
        cls, workspace_id: WorkspaceId, conversation_id: ConversationId, message_id: MessageId, at: datetime
    ) -> Self:
        """A message that is to leave."""
        return replace(
            cls._made(workspace_id, DeliveryType.MESSAGE_SENT, at),
            conversation_id=conversation_id,
            message_id=message_id,
        )

    @classmethod
    def of_test(cls, workspace_id: WorkspaceId, at: datetime) -> Self:
        """A word that tells nothing, to see whether it arrives."""
        return cls._made(workspace_id, DeliveryType.TEST, at)

    @property
    def pending(self) -> bool:
        """Whether tries are to come."""
        return self.status is DeliveryStatus.PENDING

    def tried(self, attempt: Attempt) -> Self:
        """The delivery after one more try."""
        return replace(self, attempts=(*self.attempts, attempt)[-MOST_ATTEMPTS:])

    def delivered(self, at: datetime) -> Self:
        """The delivery, taken by its receiver."""
        return self._moved(DeliveryStatus.DELIVERED, at)

    def failed(self, at: datetime) -> Self:
        """The delivery, given up."""
        return self._moved(DeliveryStatus.FAILED, at)

    def cancelled(self, at: datetime) -> Self:
        """The delivery, for which there is no reason any more."""
        return self._moved(DeliveryStatus.CANCELLED, at)

    def reopened(self) -> Self:
        """The delivery, to be tried again.

        Raises:
            DeliveryNotResendable: it has been delivered, or tries are to come.
        """
        return self._moved(DeliveryStatus.PENDING, None)

    def _moved(self, status: DeliveryStatus, at: datetime | None) -> Self:
        if status not in _MOVES[self.status]:
            raise DeliveryNotResendable
        return replace(self, status=status, ended_at=at)

    @classmethod
    def _made(cls, workspace_id: WorkspaceId, kind: DeliveryType, at: datetime) -> Self:
        identifier, job_id = DeliveryId(new_id(at)), JobId(new_id(at))
        return cls(id=identifier, workspace_id=workspace_id, type=kind, job_id=job_id, created_at=at)


def wait_after(failures: int, attempt: Attempt, retry_after: timedelta | None) -> timedelta:
    """The wait before the next try: what `WAITS` says and up to a tenth more, which spreads load.

    A longer one that the receiver asks for with 429 or 503 is heeded, up to a day. `failures` includes this attempt.
    """
    wait = WAITS[min(failures, len(WAITS)) - 1]
    if retry_after is not None and attempt.status_code in _PATIENT:
        wait = max(wait, min(retry_after, _LONGEST))
    return wait * random.uniform(1, 1 + _JITTER)  # noqa: S311 (spreads load, guards nothing)
