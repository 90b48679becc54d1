"""What every language model promises. A test class per adapter inherits a contract and overrides its fixtures.

An adapter of a vendor sets its loopback server up in the fixtures, to answer each stream that the tests begin.
"""

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from application.ports.language_model import (
    Finished,
    LanguageModel,
    LanguageModels,
    ModelError,
    ModelEvent,
    ModelMisconfigured,
    StopReason,
    TextDelta,
)
from domain.ids import PassageId, WorkspaceId, new_id
from domain.knowledge import Passage, Source
from domain.prompts import Prompt, Tool, ToolCall, UserTurn

_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_WORKSPACE = WorkspaceId(new_id(_AT))
FACT = "A consultation costs 60 € and takes 45 minutes, at the studio or online."
PASSAGE = Passage(
    id=PassageId(new_id(_AT)),
    workspace_id=_WORKSPACE,
    source=Source.knowledge_base(_WORKSPACE),
    position=0,
    heading="Prices",
    text=FACT,
    start=0,
    end=len(FACT),
)
BOOKING_TOOL = Tool(
    name="get_booking_link",
    description="The link at which the visitor can book an appointment.",
    parameters={"type": "object", "properties": {}, "additionalProperties": False},
)


def asked(text: str) -> Prompt:
    """A prompt of one turn, with one passage that tells the price of a consultation."""
    return Prompt(
        version="test",
        language="en",
        instructions="Answer in one sentence.",
        passages=(PASSAGE,),
        turns=(UserTurn(text=text),),
    )


QUESTION = asked("What does a consultation cost?")
WISH = asked("I would like to book a consultation, please.")


async def events_of(stream: AsyncGenerator[ModelEvent, None]) -> list[ModelEvent]:
    async with aclosing(stream):
        return [event async for event in stream]


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


class LanguageModelContract:
    """Each test streams at most twice."""

    @pytest.fixture
    def answering(self) -> LanguageModel:
        """Answers `QUESTION` in at least three deltas, which name the price, and calls no tool."""
        raise NotImplementedError

    @pytest.fixture
    def calling(self) -> LanguageModel:
        """Answers `WISH` with a call of `BOOKING_TOOL`."""
        raise NotImplementedError

    def test_its_name_is_vendor_and_model(self, answering: LanguageModel) -> None:
        vendor, colon, model = answering.name.partition(":")

        assert (bool(vendor), colon, bool(model)) == (True, ":", True)

    async def test_text_comes_in_pieces_that_are_never_empty(self, answering: LanguageModel) -> None:
        events = await events_of(answering.stream(QUESTION, ()))

        deltas = [event.text for event in events if isinstance(event, TextDelta)]
        assert len(deltas) >= 3
        assert all(deltas)
        assert "60" in "".join(deltas)

    async def test_exactly_one_finish_comes_and_it_is_last(self, answering: LanguageModel) -> None:
        events = await events_of(answering.stream(QUESTION, (BOOKING_TOOL,)))

        finishes = [event for event in events if isinstance(event, Finished)]
        assert finishes == events[-1:]
        assert finishes[0].reason is StopReason.END

    async def test_tokens_are_counted_or_left_out_but_never_negative(self, answering: LanguageModel) -> None:
        finish = (await events_of(answering.stream(QUESTION, ())))[-1]

        assert isinstance(finish, Finished)
        assert all(count is None or count >= 0 for count in (finish.input_tokens, finish.output_tokens))

    async def test_the_finish_names_who_answered_where_that_is_another_model(self, answering: LanguageModel) -> None:
        finish = (await events_of(answering.stream(QUESTION, ())))[-1]

        assert isinstance(finish, Finished)
        vendor, colon, model = (finish.model or answering.name).partition(":")
        assert (bool(vendor), colon, bool(model)) == (True, ":", True)

    async def test_a_call_names_an_offered_tool_and_carries_an_id_and_arguments(self, calling: LanguageModel) -> None:
        events = await events_of(calling.stream(WISH, (BOOKING_TOOL,)))

        (call,) = [event for event in events if isinstance(event, ToolCall)]
        assert call.tool == BOOKING_TOOL.name
        assert call.id
        assert call.args == {}

    async def test_calls_follow_the_text_and_the_finish_says_tools(self, calling: LanguageModel) -> None:
        events = await events_of(calling.stream(WISH, (BOOKING_TOOL,)))

        order = [(TextDelta, ToolCall, Finished).index(type(event)) for event in events]
        assert order == sorted(order)
        assert isinstance(events[-1], Finished)
        assert events[-1].reason is StopReason.TOOLS

    async def test_an_answer_closed_early_gives_no_more_and_leaves_the_model_fit(
        self, answering: LanguageModel
    ) -> None:
        stream = answering.stream(QUESTION, ())
        first = await anext(stream)

        await stream.aclose()

        assert isinstance(first, TextDelta)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        assert "60" in text_of(await events_of(answering.stream(QUESTION, ())))

    async def test_two_answers_at_once_do_not_mix(self, answering: LanguageModel) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(events_of(answering.stream(QUESTION, ()))) for _ in range(2)]

        one, other = (text_of(task.result()) for task in tasks)
        assert one == other
        assert one.count("60") == 1


class FallibleLanguageModelContract(LanguageModelContract):
    """For models that can fail. A fixture is usually parametrized: one failure of the vendor's for each error."""

    @pytest.fixture
    def failing(self) -> tuple[LanguageModel, type[ModelError]]:
        """Fails before any text, with what it must raise."""
        raise NotImplementedError

    @pytest.fixture
    def breaking(self) -> tuple[LanguageModel, type[ModelError]]:
        """Fails after some text, with what it must raise."""
        raise NotImplementedError

    async def test_a_failure_is_one_of_the_ports_errors(self, failing: tuple[LanguageModel, type[ModelError]]) -> None:
        model, error = failing

        with pytest.raises(ModelError) as raised:
            await events_of(model.stream(QUESTION, ()))

        assert type(raised.value) is error

    async def test_a_failure_names_who_failed_where_that_is_another_model(
        self, failing: tuple[LanguageModel, type[ModelError]]
    ) -> None:
        model, _ = failing

        with pytest.raises(ModelError) as raised:
            await events_of(model.stream(QUESTION, ()))

        vendor, colon, name = (raised.value.model or model.name).partition(":")
        assert (bool(vendor), colon, bool(name)) == (True, ":", True)

    async def test_a_model_whose_owner_has_to_act_is_not_worth_another_try(
        self, failing: tuple[LanguageModel, type[ModelError]]
    ) -> None:
        model, error = failing

        with pytest.raises(ModelError) as raised:
            await events_of(model.stream(QUESTION, ()))

        assert (getattr(raised.value, "retry_after", None) == math.inf) is (error is ModelMisconfigured)

    async def test_a_failure_after_text_comes_after_that_text(
        self, breaking: tuple[LanguageModel, type[ModelError]]
    ) -> None:
        model, error = breaking
        seen: list[ModelEvent] = []

        async def listen() -> None:
            async with aclosing(model.stream(QUESTION, ())) as stream:
                async for event in stream:
                    seen.append(event)  # noqa: PERF401 (what came before the failure is to be kept)

        with pytest.raises(ModelError) as raised:
            await listen()

        assert type(raised.value) is error
        assert text_of(seen)
        assert not any(isinstance(event, Finished) for event in seen)


class LanguageModelsContract:
    @pytest.fixture
    def models(self) -> LanguageModels:
        """Configured are `vendor:one`, `vendor:two` and `vendor:three`, in this order; each says its name."""
        raise NotImplementedError

    def test_the_configured_ones_are_named_in_order(self, models: LanguageModels) -> None:
        assert list(models.names) == ["vendor:one", "vendor:two", "vendor:three"]

    @pytest.mark.parametrize(
        ("wished", "asked"),
        [
            (None, "vendor:one"),
            ("vendor:one", "vendor:one"),
            ("vendor:two", "vendor:two"),
            ("vendor:gone", "vendor:one"),
            ("", "vendor:one"),
        ],
    )
    async def test_the_one_wished_for_is_asked_where_it_is_configured(
        self, models: LanguageModels, wished: str | None, asked: str
    ) -> None:
        model = models.choose(wished)

        assert model.name == asked
        assert text_of(await events_of(model.stream(QUESTION, ()))) == asked
