from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.conversations.toolbox import TOOLS
from application.ports.conversations import ConversationsWork
from application.ports.language_model import Finished, ModelError, ModelTimeout, StopReason
from domain.conversations import Run, Usage
from domain.conversations.reply_prompt import ReplyFacts
from domain.ids import UsageEntryId, new_id
from domain.pricing import PriceList
from domain.prompts import Prompt, Tool, ToolCall
from domain.usage import ReachedLimit, UsageEntry, day_of, prompt_tokens, reached, tokens_in

ANSWER_TOKENS = 8_192
"""What is reserved for an answer: about as much as a reply may hold."""


class LimitStruck(Exception):
    """The next call of the model may not be made."""


@dataclass(slots=True)
class Heard:
    """What came of one call of the model.

    Attributes:
        finished: None while it has not come to its end.
        error: what it broke off with.
    """

    text: str = ""
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    finished: Finished | None = None
    error: ModelError | None = None

    @property
    def cut(self) -> bool:
        """Whether more was to come."""
        return self.finished is None or self.finished.reason is StopReason.LENGTH

    @property
    def free(self) -> bool:
        """Whether it was turned away, which costs nothing, rather than left waiting or in the middle."""
        waited = isinstance(self.error, ModelTimeout)
        return self.error is not None and not waited and not self.text and not self.calls

    @property
    def model(self) -> str | None:
        """Who answered or failed, where that is another than the one asked."""
        if self.finished is not None:
            return self.finished.model
        return None if self.error is None else self.error.model


class Meter:
    """The ledger's entries of one reply: each call is reserved before it is made, and settled once it is over.

    The reservation of a worker that dies stays, as nobody knows what its call took.

    Attributes:
        model: the `name` of the one that is asked.
        reached: the limit that forbids the next call.
        entry: of the newest call, made or forbidden.
    """

    entry: UsageEntry

    def __init__(self, facts: ReplyFacts, prices: PriceList, model: str) -> None:
        self.reached: ReachedLimit | None = None
        self._facts = facts
        self._prices = prices
        self.model = model
        self._settled: UsageEntry | None = None

    async def reserve(
        self, work: ConversationsWork, run: Run, prompt: Prompt, at: datetime, *, tools: Sequence[Tool] = TOOLS
    ) -> None:
        """Counts the call that asks this, before it is made; or finds a limit `reached`, and counts nothing.

        The unit has locked the conversation, if it is stored.
        """
        read = prompt_tokens(prompt, tools)
        self.entry = UsageEntry(
            id=UsageEntryId(new_id(at)),
            workspace_id=run.workspace_id,
            day=day_of(at, self._facts.timezone),
            conversation_id=run.conversation_id,
            run_id=run.id,
            model=self.model,
            input_tokens=read,
            output_tokens=ANSWER_TOKENS,
            cost=self._prices.cost(self.model, read, ANSWER_TOKENS),
            estimated=True,
            origin=run.origin,
            private=self._facts.addressee is not None,
            at=at,
        )
        self.reached = reached(self._facts.limits, await work.usage.spent(self.entry, self._facts.limits))
        if self.reached is None:
            await work.usage.add(self.entry)

    def check(self) -> None:
        """Nothing, when the call that was to be reserved may be made.

        Raises:
            LimitStruck: it may not.
        """
        if self.reached is not None:
            raise LimitStruck

    def count(self, run: Run, heard: Heard) -> Run:
        """The run with its newest call counted, which is over; what its model did not tell is estimated."""
        told = heard.finished or Finished(reason=StopReason.LENGTH)
        read = _first(told.input_tokens, 0 if heard.free else self.entry.input_tokens)
        written = _first(told.output_tokens, _written(heard))
        model, estimated = heard.model or self.model, None in {told.input_tokens, told.output_tokens}
        cost = self._prices.cost(model, read, written)
        self._settled = self.entry.settled(model, read, written, cost, estimated=estimated)
        usage = Usage(input_tokens=read, output_tokens=written, cost=cost, estimated=estimated)
        return run.spending(usage, model if heard.text or heard.finished else None)

    async def settle(self, work: ConversationsWork) -> None:
        """Stores what was counted since."""
        if self._settled is not None:
            await work.usage.settle(self._settled)
            self._settled = None


def _written(heard: Heard) -> int:
    return tokens_in(heard.text) + sum(tokens_in(f"{call.tool} {call.args}") for call in heard.calls)


def _first(told: int | None, estimate: int) -> int:
    return estimate if told is None else told
