import asyncio
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

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
from domain.prompts import AssistantTurn, ToolCall, ToolTurn, UserTurn
from domain.transcript import NO_WORDS
from tests.adapters.openai.conftest import Stage
from tests.contracts.language_model import (
    BOOKING_TOOL,
    QUESTION,
    WISH,
    FallibleLanguageModelContract,
    events_of,
    text_of,
)
from tests.wire import openai as wire
from tests.wire.failures import BEFORE, DEEP, Failure, after, stream
from tests.wire.server import Reply, Then, head, piece, plain, refusing, streamed

ANSWER = wire.saying("It ", "costs ", "60 €.")
BEGUN = "".join(wire.texts("It ", "costs "))
COMPLETION = {"id": "1", "object": "chat.completion", "choices": [{"message": {"content": "It costs 60 €."}}]}

FAILURES: Mapping[str, Failure] = {
    **BEFORE,
    "400": (wire.refused(400, "The prompt is too long.", code="context_length_exceeded"), ModelRefused),
    "401": (wire.refused(401, "Incorrect API key provided.", code="invalid_api_key"), ModelMisconfigured),
    "403": (wire.refused(403, "Country not supported."), ModelMisconfigured),
    "404": (wire.refused(404, "No such model.", code="model_not_found"), ModelMisconfigured),
    "a model given up": (wire.refused(400, "Decommissioned.", code="model_decommissioned"), ModelMisconfigured),
    "a code that is none": (streamed(wire.frame({"error": {"message": "No.", "code": [1]}})), ModelUnavailable),
    "422": (wire.refused(422, "Nonsense."), ModelRefused),
    "429": (wire.refused(429, "Slow down.", type="tokens"), ModelUnavailable),
    "429 for the month": (wire.refused(429, "No credit.", code="insufficient_quota"), ModelMisconfigured),
    "500": (wire.refused(500, "We are sorry.", type="server_error"), ModelUnavailable),
    "529": (wire.refused(529, "Overloaded."), ModelUnavailable),
    "a call it wrote wrongly": (wire.refused(400, "Failed to call.", code="tool_use_failed"), ModelUnavailable),
    "a completion that is no stream": (plain(200, COMPLETION), ModelUnavailable),
    "an error as the answer": (plain(200, {"error": {"message": "No."}}), ModelUnavailable),
    "an error in the stream": (streamed(wire.frame({"error": {"message": "Down."}})), ModelUnavailable),
    "an error of the request in the stream": (
        streamed(wire.frame({"error": {"message": "Too long.", "type": "BadRequestError", "code": 400}})),
        ModelRefused,
    ),
    "an error of the request without a code": (
        streamed(wire.frame({"error": {"message": "Too long.", "type": "invalid_request_error", "code": None}})),
        ModelRefused,
    ),
    "an error that is text": (streamed(wire.frame({"error": "Down."})), ModelUnavailable),
    "an error as an object": (streamed(wire.frame({"object": "error", "message": "Down."})), ModelUnavailable),
    "an error as the reason": (streamed(wire.chunk(finish="error")), ModelUnavailable),
    "nothing but the end": (streamed(wire.DONE), ModelUnavailable),
    "nothing but its role": (streamed(wire.ROLE, wire.DONE), ModelUnavailable),
    "null": (streamed(wire.frame(None)), ModelUnavailable),
    "a number": (streamed(wire.frame(42)), ModelUnavailable),
    "a list": (streamed(wire.frame([1])), ModelUnavailable),
    "an empty object": (streamed(wire.frame({})), ModelUnavailable),
    "choices that are none": (streamed(wire.frame({"choices": "none"})), ModelUnavailable),
    "invalid JSON": (streamed("data: {choices}\n\n"), ModelUnavailable),
    "half a frame": (stream('data: {"choices": [{"de', Then.CLOSE), ModelUnavailable),
    "half a frame in good order": (streamed('data: {"choices": [{"de'), ModelUnavailable),
    "JSON without bottom": (streamed(f"data: {DEEP}\n\n"), ModelUnavailable),
    "a call of a tool that was not offered": (
        wire.calling(wire.call(0, "call_1", "drop_tables", "{}")),
        ModelUnavailable,
    ),
}
BREAKS: Mapping[str, Failure] = {
    **after(BEGUN),
    "says half a frame": (stream(*wire.texts("It "), 'data: {"choi', Then.CLOSE), ModelUnavailable),
    "says nonsense": (streamed(*wire.texts("It "), "data: nonsense\n\n"), ModelUnavailable),
    "forgets the shape": (streamed(*wire.texts("It "), wire.frame({"choices": 1})), ModelUnavailable),
    "says that it failed": (
        streamed(*wire.texts("It "), wire.frame({"error": {"message": "Down.", "type": "server_error"}})),
        ModelUnavailable,
    ),
    "gives no reason": (streamed(*wire.texts("It "), wire.DONE), ModelUnavailable),
}


class TestOpenAI(FallibleLanguageModelContract):
    @pytest.fixture
    @override
    async def answering(self, stage: Stage) -> LanguageModel:
        return await stage.model(ANSWER)

    @pytest.fixture
    @override
    async def calling(self, stage: Stage) -> LanguageModel:
        return await stage.model(wire.calling(wire.call(0, "call_x", BOOKING_TOOL.name, "{}")))

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
    return await events_of(model.stream(WISH, (BOOKING_TOOL, replace(BOOKING_TOOL, name="list_services"))))


async def calls(stage: Stage, *deltas: Mapping[str, Any], finish: str = "tool_calls") -> list[ToolCall]:
    told = await events(stage, wire.calling(*deltas, finish=finish))
    finished = told[-1]
    assert isinstance(finished, Finished)
    found = [event for event in told if isinstance(event, ToolCall)]
    assert finished.reason is StopReason.TOOLS
    return found


async def test_the_request_holds_the_prompt_the_tools_and_the_key(stage: Stage) -> None:
    model = await stage.model(ANSWER, temperature=0.3)

    await events_of(model.stream(QUESTION, (BOOKING_TOOL,)))

    (request,) = stage.server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-planted"
    assert request.body == {
        "model": "gpt-test",
        "messages": [
            {"role": "system", "content": QUESTION.system},
            {"role": "user", "content": "What does a consultation cost?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.3,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "get_booking_link",
                    "description": BOOKING_TOOL.description,
                    "parameters": BOOKING_TOOL.parameters,
                },
            }
        ],
    }


async def test_what_others_wrote_is_in_their_own_turns_and_passages_stay_in_their_fence(stage: Stage) -> None:
    model = await stage.model(ANSWER)
    call = ToolCall(id="toolu_1", tool="search_knowledge", args={"query": "prices"})
    turns = (
        UserTurn(text="visitor's words"),
        AssistantTurn(text="", calls=(call,)),
        ToolTurn(call_id="toolu_1", tool="search_knowledge", output='["tool\'s words"]'),
    )

    await events_of(model.stream(replace(QUESTION, turns=turns), ()))

    system, *others = stage.server.requests[0].body["messages"]
    assert system == {"role": "system", "content": QUESTION.system}
    assert others == [
        {"role": "user", "content": "visitor's words"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "search_knowledge", "arguments": '{"query": "prices"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": '["tool\'s words"]'},
    ]


async def test_an_assistant_that_speaks_first_twice_and_last_is_told_so_that_the_server_takes_it(stage: Stage) -> None:
    model = await stage.model(ANSWER)
    turns = (
        AssistantTurn(text="Hello, I am the assistant."),
        AssistantTurn(text="And I am Ada, a person."),
        UserTurn(text="Good."),
        AssistantTurn(text="So?"),
    )

    await events_of(model.stream(replace(QUESTION, turns=turns), ()))

    assert stage.server.requests[0].body["messages"][1:] == [
        {"role": "user", "content": NO_WORDS},
        {"role": "assistant", "content": "Hello, I am the assistant.\n\nAnd I am Ada, a person."},
        {"role": "user", "content": "Good."},
        {"role": "assistant", "content": "So?"},
        {"role": "user", "content": NO_WORDS},
    ]


async def test_without_a_key_no_authorization_is_sent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    model = await stage.model(ANSWER, api_key=None)

    await events_of(model.stream(QUESTION, ()))

    assert "authorization" not in stage.server.requests[0].headers


async def test_tokens_are_counted_from_the_last_chunk(stage: Stage) -> None:
    assert (await events(stage, ANSWER))[-1] == Finished(reason=StopReason.END, input_tokens=31, output_tokens=7)


async def test_tokens_that_are_not_counted_are_left_out(stage: Stage) -> None:
    reply = streamed(*wire.texts("Hello."), wire.chunk(finish="stop"), wire.DONE)

    assert (await events(stage, reply))[-1] == Finished(reason=StopReason.END)


async def test_nonsensical_counts_are_left_out(stage: Stage) -> None:
    reply = streamed(*wire.texts("Hello."), wire.chunk(finish="stop"), wire.usage(-1, 7), wire.DONE)

    assert (await events(stage, reply))[-1] == Finished(reason=StopReason.END, output_tokens=7)


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", StopReason.END),
        ("length", StopReason.LENGTH),
        ("content_filter", StopReason.FILTER),
        ("tool_calls", StopReason.END),
        ("eos", StopReason.END),
    ],
)
async def test_a_reason_to_stop_is_told(stage: Stage, finish: str, reason: StopReason) -> None:
    finished = (await events(stage, wire.saying("It ", finish=finish)))[-1]

    assert isinstance(finished, Finished)
    assert finished.reason is reason


async def test_a_refusal_in_words_is_a_filter(stage: Stage) -> None:
    reply = streamed(wire.chunk({"refusal": "I cannot."}), wire.chunk(finish="stop"), wire.DONE)

    assert await events(stage, reply) == [Finished(reason=StopReason.FILTER)]


async def test_a_filter_drops_the_calls(stage: Stage) -> None:
    reply = wire.calling(wire.call(0, "a", BOOKING_TOOL.name, "{}"), finish="content_filter")

    assert await events(stage, reply) == [Finished(reason=StopReason.FILTER, input_tokens=31, output_tokens=7)]


async def test_an_answer_ends_without_waiting_for_the_end_of_the_connection(stage: Stage) -> None:
    said = [*wire.texts("Hello."), wire.chunk(finish="stop"), wire.DONE]

    assert text_of(await events(stage, (head(), *map(piece, said), Then.HANG), silence=2)) == "Hello."


async def test_text_in_parts_and_frames_cut_anywhere_are_put_together(stage: Stage) -> None:
    parts = wire.chunk({"content": [{"type": "text", "text": "60 €"}, {"type": "thinking"}, 1]})
    raw = "".join([*wire.texts("It costs "), parts, wire.chunk(finish="stop"), wire.DONE]).encode()

    reply = (head(), *(piece(raw[at : at + 7]) for at in range(0, len(raw), 7)), piece(""))

    assert text_of(await events(stage, reply)) == "It costs 60 €"


async def test_what_a_model_thinks_is_not_said(stage: Stage) -> None:
    reply = streamed(wire.chunk({"reasoning_content": "Hm."}), *wire.texts("Yes."), wire.chunk(finish="stop"))

    assert [event for event in await events(stage, reply) if isinstance(event, TextDelta)] == [TextDelta("Yes.")]


async def test_arguments_in_pieces_and_parallel_calls_are_put_together(stage: Stage) -> None:
    name = BOOKING_TOOL.name
    found = await calls(
        stage,
        wire.call(0, "a", name, ""),
        wire.call(0, None, None, '{"day": "Mo'),
        wire.call(1, "b", "list_services", "{"),
        wire.call(0, None, None, 'nday"}'),
        wire.call(1, None, None, "}"),
    )

    assert found == [
        ToolCall(id="a", tool=name, args={"day": "Monday"}),
        ToolCall(id="b", tool="list_services", args={}),
    ]


@pytest.mark.parametrize("text", ['{"day": "Mo', "[1]", '"day"', "nonsense", DEEP])
async def test_arguments_that_are_no_json_object_are_none(stage: Stage, text: str) -> None:
    (call,) = await calls(stage, wire.call(0, "a", BOOKING_TOOL.name, text))

    assert call.args is None


@pytest.mark.parametrize("sent", [None, "", " ", {}])
async def test_no_arguments_are_an_empty_object(stage: Stage, sent: object) -> None:
    (call,) = await calls(stage, wire.call(0, "a", BOOKING_TOOL.name, sent))

    assert call.args == {}


async def test_arguments_may_come_as_an_object(stage: Stage) -> None:
    (call,) = await calls(stage, wire.call(0, "a", BOOKING_TOOL.name, {"day": "Monday"}))

    assert call.args == {"day": "Monday"}


@pytest.mark.parametrize(
    ("first", "second"),
    [((0, None), (1, None)), ((0, "a"), (1, "a")), ((0, "a"), (0, "b")), ((None, None), (None, None))],
)
async def test_calls_without_ids_or_numbers_are_told_apart(
    stage: Stage, first: tuple[int | None, str | None], second: tuple[int | None, str | None]
) -> None:
    found = await calls(
        stage, wire.call(*first, BOOKING_TOOL.name, "{}"), wire.call(*second, "list_services", '{"a": 1}')
    )

    assert [call.tool for call in found] == [BOOKING_TOOL.name, "list_services"]
    assert len({call.id for call in found}) == 2
    assert [call.args for call in found] == [{}, {"a": 1}]


async def test_an_id_that_each_piece_repeats_is_one_call(stage: Stage) -> None:
    name = BOOKING_TOOL.name
    found = await calls(stage, wire.call(0, "a", name, '{"a"'), wire.call(0, "a", name, ": 1}"))

    assert found == [ToolCall(id="a", tool=name, args={"a": 1})]


async def test_only_calls_of_offered_tools_are_given(stage: Stage) -> None:
    found = await calls(
        stage, wire.call(0, "a", "drop_tables", "{}"), wire.call(1, "b", BOOKING_TOOL.name, "{}"), finish="stop"
    )

    assert [call.tool for call in found] == [BOOKING_TOOL.name]


async def test_text_stands_where_the_only_call_is_dropped(stage: Stage) -> None:
    call = wire.call(0, "a", "drop_tables", "{}")

    told = await events(stage, streamed(*wire.texts("Yes."), wire.chunk(call), wire.chunk(finish="tool_calls")))

    assert told == [TextDelta("Yes."), Finished(reason=StopReason.END)]


@pytest.mark.parametrize(("value", "seconds"), [("2", 2), ("0.5", 0.5), ("-1", None), ("soon", None)])
async def test_a_limit_tells_when_to_come_again(stage: Stage, value: str, seconds: float | None) -> None:
    error = await failure_of(await stage.model(wire.refused(429, "Slow down.", headers={"retry_after": value})))

    assert isinstance(error, ModelUnavailable)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "code", "mend"),
    [
        (401, "invalid_api_key", "API key"),
        (429, "insufficient_quota", "credit"),
        (403, None, "API key"),
        (404, "model_not_found", "model of this name"),
        (405, None, "address"),
    ],
)
async def test_what_to_mend_is_said_plainly(stage: Stage, status: int, code: str | None, mend: str) -> None:
    error = await failure_of(await stage.model(wire.refused(status, "The server's words.", code=code)))

    assert isinstance(error, ModelMisconfigured)
    assert mend in str(error)
    assert f"{status} - The server's words." in str(error)


async def test_the_key_is_not_in_what_is_logged(stage: Stage) -> None:
    error = await failure_of(await stage.model(wire.refused(401, "Incorrect API key provided: sk-planted.")))

    assert "[key]" in str(error)
    assert "sk-planted" not in str(error)


async def test_half_a_key_is_not_in_what_is_logged(stage: Stage) -> None:
    reply = wire.refused(401, "sk-planted " * 50)

    assert "sk-" not in str(await failure_of(await stage.model(reply)))


async def test_a_failure_is_sent_once(stage: Stage) -> None:
    await failure_of(await stage.model(wire.refused(500, "Sorry.")))

    assert len(stage.server.requests) == 1


@pytest.mark.parametrize(
    ("complaint", "refused", "instead"),
    [
        ("Unsupported parameter: stream_options", "stream_options", None),
        ("Unsupported value: 'temperature' does not support 0.7 with this model.", "temperature", None),
        ("Function tools with reasoning_effort are not supported in /v1/chat/completions.", "reasoning_effort", "none"),
        ("registry/gemma:2b does not support tools", "tools", None),
        ('"auto" tool choice requires --enable-auto-tool-choice to be set', "tools", None),
    ],
)
async def test_what_a_server_refuses_is_sent_otherwise_from_then_on(
    stage: Stage, complaint: str, refused: str, instead: str | None
) -> None:
    model = await stage.model(wire.refused(400, complaint), ANSWER)

    for _ in range(2):
        assert "60" in text_of(await events_of(model.stream(QUESTION, (BOOKING_TOOL,))))

    bodies = [request.body for request in stage.server.requests]
    assert [body.get(refused) == instead for body in bodies] == [False, True, True]
    assert [{**body, refused: None} == {**bodies[0], refused: None} for body in bodies] == [True] * 3


async def test_a_server_that_refuses_one_thing_after_the_other_is_understood(stage: Stage) -> None:
    model = await stage.model(wire.refused(400, "temperature"), wire.refused(422, "stream_options"), ANSWER)

    assert "60" in text_of(await events_of(model.stream(QUESTION, ())))


async def test_a_server_that_refuses_everything_refuses(stage: Stage) -> None:
    everything = "temperature, stream_options, reasoning_effort: does not support tools"

    error = await failure_of(await stage.model(wire.refused(400, everything)))

    assert type(error) is ModelRefused
    assert len(stage.server.requests) == 5


async def test_a_refusal_after_the_first_text_is_not_asked_again(stage: Stage) -> None:
    complaint = wire.frame({"error": {"message": "temperature", "code": 400}})

    error = await failure_of(await stage.model(streamed(*wire.texts("It "), complaint)))

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


async def test_a_long_answer_arrives_whole(stage: Stage) -> None:
    words = [f"{number} " for number in range(150)]

    assert text_of(await events(stage, wire.saying(*words))) == "".join(words)


def test_without_its_extra_it_says_which_to_install() -> None:
    script = "import sys; sys.modules['openai'] = None; import adapters.openai.language_model"

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603 (ours)

    assert "install 'flightdeck[openai]'" in ended.stderr
