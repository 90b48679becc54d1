from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from domain.ids import ConversationId, RunId, UsageEntryId, WorkspaceId
from domain.pricing import Cost, total_cost


def day_of(at: datetime, timezone: str) -> date:
    """The date at this moment in a time zone (an IANA name)."""
    return at.astimezone(ZoneInfo(timezone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEntry:
    """A call of a model: evidence, which outlives the conversation that it names.

    Attributes:
        day: in the workspace's time zone.
        model: the one that answered; until one has, the one asked.
        cost: None where the model has no price.
        estimated: whether a count is ours: the call is being made, broke off, or its model told none.
        origin: a keyed hash of the visitor's address, which is forgotten after some days; None for everyone else.
        private: whether the conversation is with a companion, so that nobody is told of it.
    """

    id: UsageEntryId
    workspace_id: WorkspaceId
    day: date
    conversation_id: ConversationId
    run_id: RunId
    model: str
    input_tokens: int
    output_tokens: int
    cost: Cost | None
    estimated: bool
    origin: bytes | None
    private: bool = False
    at: datetime

    @property
    def tokens(self) -> int:
        """All that count against limits."""
        return self.input_tokens + self.output_tokens

    def settled(self, model: str, input_tokens: int, output_tokens: int, cost: Cost | None, *, estimated: bool) -> Self:
        """The entry with what the call took in the end."""
        return replace(
            self,
            model=model,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost=cost,
            estimated=estimated,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSum:
    """What some calls took.

    Attributes:
        estimated_calls: those of which a count is ours.
        costs: one for each currency, by its name. unpriced_calls: those that are in none.
    """

    calls: int = 0
    estimated_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    costs: tuple[Cost, ...] = ()
    unpriced_calls: int = 0

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input_tokens + self.output_tokens

    @classmethod
    def of(cls, entry: UsageEntry) -> Self:
        """What one call took."""
        return cls(
            calls=1,
            estimated_calls=int(entry.estimated),
            input_tokens=entry.input_tokens,
            output_tokens=entry.output_tokens,
            costs=(entry.cost,) if entry.cost else (),
            unpriced_calls=int(entry.cost is None),
        )

    @classmethod
    def together(cls, parts: Iterable[Self]) -> Self:
        """The sum of the parts."""
        told = list(parts)
        costs = [cost for part in told for cost in part.costs]
        currencies = sorted({cost.currency for cost in costs})
        totals = (total_cost(cost for cost in costs if cost.currency == currency) for currency in currencies)
        return cls(
            calls=sum(part.calls for part in told),
            estimated_calls=sum(part.estimated_calls for part in told),
            input_tokens=sum(part.input_tokens for part in told),
            output_tokens=sum(part.output_tokens for part in told),
            costs=tuple(total for total in totals if total is not None),
            unpriced_calls=sum(part.unpriced_calls for part in told),
        )
