import asyncio
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from typing_extensions import override

from application.ports.language_model import (
    Finished,
    LanguageModel,
    ModelError,
    ModelEvent,
    ModelMisconfigured,
    ModelRefused,
    ModelUnavailable,
    StopReason,
    TextDelta,
)
from domain.prompts import AssistantTurn, Tool, ToolCall, ToolTurn, UserTurn
from domain.transcript import NO_WORDS
from tests.adapters.anthropic.conftest import Stage
from tests.contracts.language_model import (
    BOOKING_TOOL,
    QUESTION,
    WISH,
    FallibleLanguageModelContract,
    events_of,
    text_of,
)
from tests.wire import anthropic as wire
from tests.wire.failures import BEFORE, DEEP, Failure, after, stream
from tests.wire.server import Reply, Then, head, piece, refusing, streamed

ANSWER = wire.saying("It ", "costs ", "60 €.")
BEGUN = "".join([wire.start(), *wire.text_block(0, "It ", "costs ")[:3]])
SERVICES_TOOL = replace(BOOKING_TOOL, name="list_services")

FAILURES: Mapping[str, Failure] = {
    **BEFORE,
    "400": (wire.refused(400, "invalid_request_error", "The prompt is too long."), ModelRefused),
    "401": (wire.refused(401, "authentication_error"), ModelMisconfigured),
    "400 for an account without credit": (
        wire.refused(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
        ModelMisconfigured,
    ),
    "402": (wire.refused(402, "billing_error"), ModelMisconfigured),
    "403": (wire.refused(403, "permission_error"), ModelMisconfigured),
    "404": (wire.refused(404, "not_found_error"), ModelMisconfigured),
    "409": (wire.refused(409, "conflict_error"), ModelUnavailable),
    "429": (wire.refused(429, "rate_limit_error"), ModelUnavailable),
    "500": (wire.refused(500, "api_error"), ModelUnavailable),
    "529": (wire.refused(529, "overloaded_error"), ModelUnavailable),
    "overloaded in the stream": (streamed(wire.start(), wire.failing("overloaded_error")), ModelUnavailable),
    "a bad key in the stream": (streamed(wire.start(), wire.failing("authentication_error")), ModelMisconfigured),
    "too large in the stream": (streamed(wire.start(), wire.failing("request_too_large")), ModelRefused),
    "an error of tomorrow in the stream": (streamed(wire.start(), wire.failing("tea_error")), ModelUnavailable),
    "refused in the stream": (streamed(wire.start(), wire.failing("invalid_request_error")), ModelRefused),
    "an error that is text": (streamed("event: error\ndata: Down.\n\n"), ModelUnavailable),
    "an error that is a list": (streamed("event: error\ndata: [1]\n\n"), ModelUnavailable),
    "nothing but its start": (streamed(wire.start()), ModelUnavailable),
    "nothing but its stop": (streamed(wire.event("message_stop")), ModelUnavailable),
    "null": (streamed("event: message_start\ndata: null\n\n"), ModelUnavailable),
    "a number": (streamed("event: message_start\ndata: 42\n\n"), ModelUnavailable),
    "an object without a type": (streamed("event: message_start\ndata: {}\n\n"), ModelUnavailable),
    "a block that is none": (streamed(wire.event("content_block_start", content_block=1)), ModelUnavailable),
    "invalid JSON": (streamed("event: message_start\ndata: {type}\n\n"), ModelUnavailable),
    "half a frame": (stream('event: message_start\ndata: {"ty', Then.CLOSE), ModelUnavailable),
    "half a frame in good order": (streamed('event: message_start\ndata: {"ty'), ModelUnavailable),
    "JSON without bottom": (streamed(f"event: message_start\ndata: {DEEP}\n\n"), ModelUnavailable),
    "a call of a tool that was not offered": (
        wire.calling(wire.tool_block(0, "toolu_1", "drop_tables", "{}")),
        ModelUnavailable,
    ),
}
BREAKS: Mapping[str, Failure] = {
    **after(BEGUN),
    "says half a frame": (stream(BEGUN, 'event: content_block_delta\ndata: {"ty', Then.CLOSE), ModelUnavailable),
    "says nonsense": (streamed(BEGUN, "event: content_block_delta\ndata: nonsense\n\n"), ModelUnavailable),
    "forgets the shape": (streamed(BEGUN, wire.event("content_block_delta", delta=[])), ModelUnavailable),
    "is overloaded": (streamed(BEGUN, wire.failing("overloaded_error")), ModelUnavailable),
    "fails": (streamed(BEGUN, wire.failing("api_error")), ModelUnavailable),
    "stops without a reason": (streamed(BEGUN, wire.event("message_stop")), ModelUnavailable),
    "gives a reason and does not stop": (streamed(BEGUN, wire.stop("end_turn")[0]), ModelUnavailable),
}


class TestAnthropic(FallibleLanguageModelContract):
    @pytest.fixture
    @override
    async def answering(self, stage: Stage) -> LanguageModel:
        return await stage.model(ANSWER)

    @pytest.fixture
    @override
    async def calling(self, stage: Stage) -> LanguageModel:
        return await stage.model(wire.calling(wire.tool_block(0, "toolu_1", BOOKING_TOOL.name)))

    @pytest.fixture(params=[*FAILURES, "nobody listens"])
    @override
    async def failing(self, request: pytest.FixtureRequest, stage: Stage) -> tuple[LanguageModel, type[ModelError]]:
        if request.param == "nobody listens":
            return await stage.model_at(await refusing()), ModelUnavailable
        reply, error = FAILURES[request.param]
        return await stage.model(reply, silence=2), error  # long enough for its text to come

    @pytest.fixture(params=BREAKS)
    @override
    async def breaking(self, request: pytest.FixtureRequest, stage: Stage) -> tuple[LanguageModel, type[ModelError]]:
        reply, error = BREAKS[request.param]
        return await stage.model(reply, silence=2), error  # long enough for its text to come


async def failure_of(model: LanguageModel) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await events_of(model.stream(QUESTION, (BOOKING_TOOL,)))
    return raised.value


async def events(stage: Stage, reply: Reply, **settings: float) -> list[ModelEvent]:
    model = await stage.model(reply, **settings)
    return await events_of(model.stream(WISH, (BOOKING_TOOL, SERVICES_TOOL)))


async def sent(
    stage: Stage, *turns: UserTurn | AssistantTurn | ToolTurn, tools: Sequence[Tool] = ()
) -> dict[str, object]:
    model = await stage.model(ANSWER)
    await events_of(model.stream(replace(QUESTION, turns=turns), tools))
    (request,) = stage.server.requests
    body: dict[str, object] = request.body
    return body


async def test_the_request_holds_the_prompt_the_tools_and_the_key(stage: Stage) -> None:
    model = await stage.model(ANSWER, max_tokens=1000)

    await events_of(model.stream(QUESTION, (BOOKING_TOOL,)))

    (request,) = stage.server.requests
    assert request.path == "/v1/messages"
    assert request.headers["authorization"] == "Bearer sk-planted"
    assert request.body == {
        "model": "claude-test",
        "max_tokens": 1000,
        "system": QUESTION.system,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "What does a consultation cost?"}]}],
        "stream": True,
        "tools": [
            {
                "name": "get_booking_link",
                "description": BOOKING_TOOL.description,
                "input_schema": BOOKING_TOOL.parameters,
            }
        ],
        "thinking": {"type": "disabled"},
    }


async def test_turns_of_the_user_and_the_assistant_alternate(stage: Stage) -> None:
    calls = (
        ToolCall(id="call_1", tool="get_booking_link", args={}),
        ToolCall(id="call_1", tool="list_services", args=None),
    )
    body = await sent(
        stage,
        UserTurn(text="Hello?"),
        UserTurn(text="Anybody?"),
        AssistantTurn(text="One moment.", calls=calls),
        ToolTurn(call_id="call_1", tool="get_booking_link", output='{"url": "…"}'),
        ToolTurn(call_id="call_1", tool="list_services", output='"Wrong."', failed=True),
        UserTurn(text="Thanks."),
    )

    assert body["system"] == QUESTION.system
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hello?\n\nAnybody?"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "One moment."},
                {"type": "tool_use", "id": "call_1", "name": "get_booking_link", "input": {}},
                {"type": "tool_use", "id": "call_2", "name": "list_services", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": '{"url": "…"}', "is_error": False},
                {"type": "tool_result", "tool_use_id": "call_2", "content": '"Wrong."', "is_error": True},
                {"type": "text", "text": "Thanks."},
            ],
        },
    ]


async def test_an_assistant_that_speaks_first_twice_and_last_is_told_so_that_the_server_takes_it(stage: Stage) -> None:
    body = await sent(
        stage,
        AssistantTurn(text="Hello, I am the assistant."),
        AssistantTurn(text="And I am Ada, a person."),
        UserTurn(text="Good."),
        AssistantTurn(text="So?"),
    )

    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": NO_WORDS}]},
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "Hello, I am the assistant.\n\nAnd I am Ada, a person."}],
        },
        {"role": "user", "content": [{"type": "text", "text": "Good."}]},
        {"role": "assistant", "content": [{"type": "text", "text": "So?"}]},
        {"role": "user", "content": [{"type": "text", "text": NO_WORDS}]},
    ]


async def test_tools_called_before_are_named_where_none_may_be_called(stage: Stage) -> None:
    call = ToolCall(id="a", tool="get_booking_link", args={})
    turns = (UserTurn(text="Hi."), AssistantTurn(text="", calls=(call,)), ToolTurn(call_id="a", tool="x", output="1"))

    body = await sent(stage, *turns)

    assert body["tools"] == [{"name": "get_booking_link", "description": "", "input_schema": {"type": "object"}}]
    assert body["tool_choice"] == {"type": "none"}


async def test_the_environment_gives_no_other_key(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "sk-of-somebody-else")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-somebody-else")

    await sent(stage, UserTurn(text="Hi."))

    assert stage.server.requests[0].headers["authorization"] == "Bearer sk-planted"


async def test_tokens_read_from_a_cache_count_as_read(stage: Stage) -> None:
    start = wire.start(cache_read_input_tokens=100, cache_creation_input_tokens=10)
    told = await events(stage, streamed(start, *wire.text_block(0, "Hi."), *wire.stop("end_turn", 9)))

    assert told[-1] == Finished(reason=StopReason.END, input_tokens=141, output_tokens=9)


async def test_tokens_that_are_not_counted_are_left_out(stage: Stage) -> None:
    stop = wire.event("message_delta", delta={"stop_reason": "end_turn"})
    told = await events(stage, streamed(*wire.text_block(0, "Hi."), stop, wire.event("message_stop")))

    assert told[-1] == Finished(reason=StopReason.END)


@pytest.mark.parametrize(
    ("stop_reason", "reason"),
    [
        ("end_turn", StopReason.END),
        ("stop_sequence", StopReason.END),
        ("pause_turn", StopReason.END),
        ("tool_use", StopReason.END),
        ("max_tokens", StopReason.LENGTH),
        ("model_context_window_exceeded", StopReason.LENGTH),
        ("refusal", StopReason.FILTER),
    ],
)
async def test_a_reason_to_stop_is_told(stage: Stage, stop_reason: str, reason: StopReason) -> None:
    finished = (await events(stage, wire.saying("It ", reason=stop_reason)))[-1]

    assert isinstance(finished, Finished)
    assert finished.reason is reason


async def test_a_refusal_drops_the_calls(stage: Stage) -> None:
    blocks = wire.tool_block(0, "toolu_1", BOOKING_TOOL.name)

    told = await events(stage, streamed(wire.start(), *blocks, *wire.stop("refusal")))

    assert told == [Finished(reason=StopReason.FILTER, input_tokens=31, output_tokens=7)]


async def test_an_answer_ends_without_waiting_for_the_end_of_the_connection(stage: Stage) -> None:
    said = [wire.start(), *wire.text_block(0, "Hello."), *wire.stop("end_turn")]

    assert text_of(await events(stage, (head(), *map(piece, said), Then.HANG), silence=2)) == "Hello."


async def test_frames_cut_anywhere_are_put_together(stage: Stage) -> None:
    raw = "".join([wire.start(), *wire.text_block(0, "60 €"), *wire.stop("end_turn")]).encode()

    reply = (head(), *(piece(raw[at : at + 7]) for at in range(0, len(raw), 7)), piece(""))

    assert text_of(await events(stage, reply)) == "60 €"


async def test_what_a_model_thinks_is_not_said(stage: Stage) -> None:
    thinking = [
        wire.event("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""}),
        wire.event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hm."}),
        wire.event("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "x"}),
        wire.event("content_block_stop", index=0),
        wire.event("content_block_start", index=1, content_block={"type": "of_tomorrow", "text": "Hm."}),
    ]

    told = await events(stage, streamed(wire.start(), *thinking, *wire.text_block(2, "Yes."), *wire.stop("end_turn")))

    assert [event for event in told if isinstance(event, TextDelta)] == [TextDelta("Yes.")]


async def test_text_may_come_with_the_start_of_its_block(stage: Stage) -> None:
    start = wire.event("content_block_start", index=0, content_block={"type": "text", "text": "Yes."})

    assert text_of(await events(stage, streamed(wire.start(), start, *wire.stop("end_turn")))) == "Yes."


async def test_arguments_in_pieces_and_parallel_calls_follow_the_text(stage: Stage) -> None:
    name = BOOKING_TOOL.name
    reply = wire.calling(
        wire.tool_block(0, "toolu_1", name, "", '{"day": "Mo', 'nday"}'),
        wire.text_block(1, "One moment."),
        wire.tool_block(2, "toolu_2", SERVICES_TOOL.name),
    )

    assert await events(stage, reply) == [
        TextDelta("One moment."),
        ToolCall(id="toolu_1", tool=name, args={"day": "Monday"}),
        ToolCall(id="toolu_2", tool=SERVICES_TOOL.name, args={}),
        Finished(reason=StopReason.TOOLS, input_tokens=31, output_tokens=7),
    ]


async def test_arguments_may_come_with_the_start_of_the_block(stage: Stage) -> None:
    block = {"type": "tool_use", "id": "toolu_1", "name": BOOKING_TOOL.name, "input": {"day": "Monday"}}
    start = wire.event("content_block_start", index=0, content_block=block)

    (call, _) = await events(stage, streamed(wire.start(), start, *wire.stop("tool_use")))

    assert call == ToolCall(id="toolu_1", tool=BOOKING_TOOL.name, args={"day": "Monday"})


@pytest.mark.parametrize("text", ['{"day": "Mo', "[1]", '"day"', "nonsense", DEEP])
async def test_arguments_that_are_no_json_object_are_none(stage: Stage, text: str) -> None:
    (call, _) = await events(stage, wire.calling(wire.tool_block(0, "a", BOOKING_TOOL.name, text)))

    assert isinstance(call, ToolCall)
    assert call.args is None


async def test_calls_without_ids_are_told_apart(stage: Stage) -> None:
    blocks = [wire.tool_block(index, "", BOOKING_TOOL.name) for index in range(2)]

    first, second, _ = await events(stage, wire.calling(*blocks))

    assert isinstance(first, ToolCall)
    assert isinstance(second, ToolCall)
    assert len({first.id, second.id, ""}) == 3


@pytest.mark.parametrize(("value", "seconds"), [("2", 2), ("0.5", 0.5), ("-1", None), ("soon", None)])
async def test_a_limit_tells_when_to_come_again(stage: Stage, value: str, seconds: float | None) -> None:
    reply = wire.refused(429, "rate_limit_error", headers={"retry_after": value})

    error = await failure_of(await stage.model(reply))

    assert isinstance(error, ModelUnavailable)
    assert error.retry_after == seconds


async def test_the_key_is_not_in_what_is_logged(stage: Stage) -> None:
    error = await failure_of(await stage.model(wire.refused(401, "authentication_error", "Invalid: sk-planted.")))

    assert "[key]" in str(error)
    assert "sk-planted" not in str(error)


@pytest.mark.parametrize(
    ("status", "kind", "mend"),
    [
        (401, "authentication_error", "API key"),
        (402, "billing_error", "credit"),
        (403, "permission_error", "API key"),
        (404, "not_found_error", "model of this name"),
        (405, "invalid_request_error", "address"),
    ],
)
async def test_what_to_mend_is_said_plainly(stage: Stage, status: int, kind: str, mend: str) -> None:
    error = await failure_of(await stage.model(wire.refused(status, kind, "As the server says.")))

    assert isinstance(error, ModelMisconfigured)
    assert mend in str(error)
    assert str(status) in str(error)
    assert "As the server says." in str(error)


async def test_half_a_key_is_not_in_what_is_logged(stage: Stage) -> None:
    reply = wire.refused(401, "authentication_error", "sk-planted " * 50)

    assert "sk-" not in str(await failure_of(await stage.model(reply)))


async def test_a_failure_is_sent_once(stage: Stage) -> None:
    await failure_of(await stage.model(wire.refused(529, "overloaded_error")))

    assert len(stage.server.requests) == 1


async def test_a_model_is_kept_from_thinking_in_the_way_it_takes(stage: Stage) -> None:
    refused = wire.refused(400, "invalid_request_error", "thinking.type.disabled is not supported for this model.")
    model = await stage.model(refused, ANSWER)

    for _ in range(2):
        assert "60" in text_of(await events_of(model.stream(QUESTION, ())))

    ways = [request.body.get("thinking") for request in stage.server.requests]
    assert ways == [{"type": "disabled"}, {"type": "between_tools"}, {"type": "between_tools"}]


async def test_a_model_that_takes_no_word_on_thinking_is_told_none(stage: Stage) -> None:
    refused = wire.refused(400, "invalid_request_error", "thinking: not supported.")
    model = await stage.model(refused, refused, ANSWER)

    assert "60" in text_of(await events_of(model.stream(QUESTION, ())))
    assert "thinking" not in stage.server.requests[-1].body


async def test_two_answers_at_once_learn_the_same(stage: Stage) -> None:
    hold = asyncio.Event()
    refused = wire.refused(400, "invalid_request_error", "thinking.type.disabled is not supported.")
    model = await stage.model((hold, *refused), (hold, *refused), ANSWER)

    async with asyncio.TaskGroup() as group:
        told = [group.create_task(events_of(model.stream(QUESTION, ()))) for _ in range(2)]
        for _ in told:
            await stage.server.arrivals.get()
        hold.set()

    assert ["60" in text_of(task.result()) for task in told] == [True, True]
    ways = [request.body["thinking"]["type"] for request in stage.server.requests]
    assert ways == ["disabled", "disabled", "between_tools", "between_tools"]


async def test_a_model_that_refuses_every_way_refuses(stage: Stage) -> None:
    error = await failure_of(await stage.model(wire.refused(400, "invalid_request_error", "thinking")))

    assert type(error) is ModelRefused
    assert len(stage.server.requests) == 3


async def test_a_refusal_after_the_first_text_is_not_asked_again(stage: Stage) -> None:
    error = await failure_of(
        await stage.model(streamed(BEGUN, wire.failing("invalid_request_error", "thinking went wrong")))
    )

    assert type(error) is ModelRefused
    assert len(stage.server.requests) == 1


async def test_closing_an_answer_closes_the_connection(stage: Stage) -> None:
    answer = (await stage.model(stream(BEGUN, Then.HANG), silence=60)).stream(QUESTION, ())
    await anext(answer)

    await answer.aclose()

    await asyncio.wait_for(stage.server.gone.wait(), 5)


@pytest.mark.parametrize("reply", [(Then.HANG,), stream(Then.HANG), stream(BEGUN, Then.HANG)])
async def test_cancelling_an_answer_closes_the_connection(stage: Stage, reply: Reply) -> None:
    model = await stage.model(reply, silence=60)
    answer = asyncio.create_task(events_of(model.stream(QUESTION, ())))
    await stage.server.arrivals.get()

    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer

    await asyncio.wait_for(stage.server.gone.wait(), 5)


async def test_a_whole_answer_leaves_the_connection_to_the_next(stage: Stage) -> None:
    model = await stage.model(ANSWER)

    for _ in range(2):
        await events_of(model.stream(QUESTION, ()))

    assert [request.connection for request in stage.server.requests] == [1, 1]


def test_without_its_extra_it_says_which_to_install() -> None:
    script = "import sys; sys.modules['anthropic'] = None; import adapters.anthropic.language_model"

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603 (ours)

    assert "install 'flightdeck[anthropic]'" in ended.stderr
