import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress

import pytest
from typing_extensions import override

from adapters.fallback.language_model import FallbackLanguageModel, FallbackLanguageModels
from adapters.memory.language_model import ScriptedLanguageModel, Step
from application.ports.language_model import (
    Finished,
    LanguageModel,
    LanguageModels,
    ModelError,
    ModelEvent,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from domain.prompts import ToolCall
from tests.contracts.language_model import (
    BOOKING_TOOL,
    QUESTION,
    FallibleLanguageModelContract,
    LanguageModelsContract,
    events_of,
    text_of,
)

END = Finished(reason=StopReason.END)
ANSWER = (TextDelta("It "), TextDelta("costs "), TextDelta("60 €."), END)
CALL = ToolCall(id="call_1", tool=BOOKING_TOOL.name, args={})
AT_ONCE = 0.01


def down() -> ModelError:
    """A failure of its own each time, as models have them."""
    return ModelUnavailable("down")


def named(name: str, *replies: Sequence[Step]) -> ScriptedLanguageModel:
    return ScriptedLanguageModel(*replies, name=name)


def chain(*replies: Sequence[Step], patience: float = 60) -> LanguageModel:
    models = [named(f"vendor:{number}", reply, reply) for number, reply in enumerate(replies, start=1)]
    return FallbackLanguageModel(models, first_token_timeout=patience)


async def told(*replies: Sequence[Step], patience: float = 60) -> list[ModelEvent]:
    return await events_of(chain(*replies, patience=patience).stream(QUESTION, (BOOKING_TOOL,)))


class TestFallback(FallibleLanguageModelContract):
    @pytest.fixture
    @override
    def answering(self) -> LanguageModel:
        return chain((down(),), ANSWER)

    @pytest.fixture
    @override
    def calling(self) -> LanguageModel:
        return chain((down(),), (CALL, Finished(reason=StopReason.TOOLS)))

    @pytest.fixture(params=[ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused])
    @override
    def failing(self, request: pytest.FixtureRequest) -> tuple[LanguageModel, type[ModelError]]:
        error: type[ModelError] = request.param
        return chain((ModelRefused("no"),), (down(),), (error("as scripted"),)), error

    @pytest.fixture(params=[0, 1])
    @override
    def breaking(self, request: pytest.FixtureRequest) -> tuple[LanguageModel, type[ModelError]]:
        before: list[Sequence[Step]] = [(ModelRefused("no"),)] * int(request.param)
        return chain(*before, (TextDelta("It "), down()), ANSWER), ModelUnavailable


@pytest.mark.parametrize(
    "first",
    [
        (down(),),
        (ModelTimeout("slow"),),
        (ModelRefused("no"),),
        (Finished(reason=StopReason.FILTER),),
        (Finished(reason=StopReason.LENGTH),),
        (END,),
        (asyncio.Event(), END),
    ],
)
async def test_a_model_that_says_nothing_is_followed_by_the_next(first: Sequence[Step]) -> None:
    assert await told(first, ANSWER, patience=AT_ONCE) == [
        *ANSWER[:3],
        Finished(reason=StopReason.END, model="vendor:2"),
    ]


async def test_the_finish_names_the_first_when_it_answered() -> None:
    assert (await told(ANSWER, (down(),)))[-1] == Finished(reason=StopReason.END, model="vendor:1")


async def test_a_chain_within_the_chain_names_its_own() -> None:
    model = FallbackLanguageModel([named("a:a", (down(),)), chain((down(),), ANSWER)])

    assert (await events_of(model.stream(QUESTION, ())))[-1] == Finished(reason=StopReason.END, model="vendor:2")


async def test_a_call_is_an_answer() -> None:
    assert (await told((CALL, Finished(reason=StopReason.TOOLS)), ANSWER))[0] == CALL


async def test_after_the_first_text_there_is_no_other_model_and_no_hurry() -> None:
    hold = asyncio.Event()
    asyncio.get_running_loop().call_later(5 * AT_ONCE, hold.set)

    events = await told((TextDelta("It "), hold, TextDelta("costs 60 €."), END), (down(),), patience=AT_ONCE)

    assert text_of(events) == "It costs 60 €."


async def test_the_last_model_is_not_waited_for_either() -> None:
    with pytest.raises(ModelTimeout):
        await told((down(),), (asyncio.Event(), END), patience=AT_ONCE)


async def test_the_last_model_may_say_nothing_and_be_filtered() -> None:
    assert await told((down(),), (Finished(reason=StopReason.FILTER),)) == [
        Finished(reason=StopReason.FILTER, model="vendor:2")
    ]


async def test_a_model_given_up_is_closed() -> None:
    silent = named("vendor:1", (asyncio.Event(), END))
    model = FallbackLanguageModel([silent, named("vendor:2", ANSWER)], first_token_timeout=AT_ONCE)

    await events_of(model.stream(QUESTION, ()))

    assert silent.closed == 1


async def test_closing_the_answer_closes_the_model_that_gives_it() -> None:
    answering = named("vendor:2", ANSWER)
    model = FallbackLanguageModel([named("vendor:1", (down(),)), answering])

    async with aclosing(model.stream(QUESTION, ())) as stream:
        await anext(stream)

    assert answering.closed == 1


async def test_being_cancelled_asks_no_other_model() -> None:
    asked = asyncio.Event()
    other = named("vendor:2", ANSWER)
    model = FallbackLanguageModel([named("vendor:1", (asked,)), other])
    task = asyncio.create_task(events_of(model.stream(QUESTION, ())))
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert other.prompts == []


async def test_an_error_that_is_none_of_the_ports_is_not_hidden() -> None:
    with pytest.raises(TimeoutError):
        await told((TimeoutError("not ours"),), ANSWER)


async def failure_of(model: LanguageModel) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await events_of(model.stream(QUESTION, ()))
    return raised.value


async def test_a_failure_names_the_model_that_broke_off() -> None:
    assert (await failure_of(chain((down(),), (TextDelta("It "), down()), ANSWER))).model == "vendor:2"


async def test_a_failure_of_all_names_the_last() -> None:
    assert (await failure_of(chain((ModelRefused("no"),), (ModelTimeout("slow"),)))).model == "vendor:2"


async def test_a_failure_of_a_chain_within_the_chain_names_its_own() -> None:
    model = FallbackLanguageModel([named("a:a", (ModelRefused("no"),)), chain((down(),), (ModelTimeout("slow"),))])

    assert (await failure_of(model)).model == "vendor:2"


@pytest.mark.parametrize(
    ("replies", "logged"),
    [
        ([(down(),), ANSWER], [("WARNING", "vendor:1 did not answer (ModelUnavailable: down).")]),
        (
            [(ModelMisconfigured("Its API key is not valid"),), (ModelRefused("no"),)],
            [
                ("ERROR", "vendor:1 did not answer (ModelMisconfigured: Its API key is not valid)."),
                ("WARNING", "vendor:2 did not answer (ModelRefused: no)."),
            ],
        ),
        ([(TextDelta("It "), down()), ANSWER], [("WARNING", "vendor:1 broke off (ModelUnavailable: down).")]),
    ],
)
async def test_every_failure_is_logged_and_as_an_error_where_somebody_has_to_act(
    caplog: pytest.LogCaptureFixture, replies: list[Sequence[Step]], logged: list[tuple[str, str]]
) -> None:
    with suppress(ModelError):
        await told(*replies)

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == logged


def test_its_name_is_that_of_the_first() -> None:
    assert chain(ANSWER, ANSWER).name == "vendor:1"


NAMES = ("vendor:one", "vendor:two", "vendor:three")


class TestModels(LanguageModelsContract):
    @pytest.fixture
    @override
    def models(self) -> LanguageModels:
        return FallbackLanguageModels(NAMES, lambda: [named(name, (TextDelta(name), END)) for name in NAMES])


async def test_the_others_follow_the_chosen_one_in_their_order() -> None:
    replies = {"vendor:one": (down(),), "vendor:two": (TextDelta("Two."), END), "vendor:three": (down(),)}
    models = FallbackLanguageModels(NAMES, lambda: [named(name, replies[name]) for name in NAMES])

    events = await events_of(models.choose("vendor:three").stream(QUESTION, ()))

    assert events == [TextDelta("Two."), Finished(reason=StopReason.END, model="vendor:two")]


def test_models_are_made_once_and_only_when_one_is_asked_for() -> None:
    made: list[str] = []

    def make() -> list[LanguageModel]:
        made.extend(NAMES)
        return [named(name) for name in NAMES]

    models = FallbackLanguageModels(NAMES, make)
    assert (models.names, made) == (NAMES, [])
    models.choose(None)
    models.choose(NAMES[1])
    assert made == list(NAMES)
