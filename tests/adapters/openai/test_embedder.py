import asyncio
import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from typing_extensions import override

from adapters.httpx2.client import vendor_client
from adapters.openai.embedder import LONGEST_TEXT, MOST_TEXTS, MOST_TOKENS, OpenAIEmbedder
from application.ports.embedder import Embedder, EmbedderError, EmbedderMisconfigured, EmbedderUnavailable
from tests.contracts.embedder import EmbedderContract, FallibleEmbedderContract
from tests.wire import openai as wire
from tests.wire.embeddings import EmbeddingServer, answer, numbers
from tests.wire.failures import MOST, PATIENCE, SILENCE
from tests.wire.server import END, Reply, Server, Then, head, piece, plain, refusing

Refuses = Callable[[Mapping[str, Any]], Reply | None]
FAILURES: Mapping[str, tuple[Reply, type[EmbedderError]]] = {
    "hangs before the first byte": ((Then.HANG,), EmbedderUnavailable),
    "hangs after the head": ((head(kind="application/json"), Then.HANG), EmbedderUnavailable),
    "resets the connection": ((Then.RESET,), EmbedderUnavailable),
    "closes it": ((Then.CLOSE,), EmbedderUnavailable),
    "closes it in the middle": ((head(kind="application/json"), piece('{"data": ['), Then.CLOSE), EmbedderUnavailable),
    "ends in the middle": ((head(kind="application/json"), piece('{"data": ['), END), EmbedderUnavailable),
    "speaks something else": ((b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Then.CLOSE), EmbedderUnavailable),
    "answers with a page": (plain(200, "<!doctype html>", kind="text/html"), EmbedderUnavailable),
    "answers with other JSON": (plain(200, {"text": "no"}), EmbedderUnavailable),
    "answers with nothing": (plain(200, ""), EmbedderUnavailable),
    "answers without end": ((head(kind="application/json"), *[piece(" " * 16_384)] * 8, END), EmbedderUnavailable),
    "gives no vector": (answer([]), EmbedderUnavailable),
    "gives too many": (answer([[1.0], [1.0]]), EmbedderUnavailable),
    "gives one twice": (
        plain(200, {"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]}),
        EmbedderUnavailable,
    ),
    "gives nothing but zeros": (answer([[0.0, 0.0]]), EmbedderUnavailable),
    "gives an infinite number": (plain(200, '{"data": [{"index": 0, "embedding": [1e999]}]}'), EmbedderUnavailable),
    "gives no numbers": (answer([[1.0]], data=[{"index": 0, "embedding": "AACAPw=="}]), EmbedderUnavailable),
    "gives too long a vector": (answer([[1.0] * 3_072]), EmbedderMisconfigured),
    "400": (wire.refused(400, "No."), EmbedderMisconfigured),
    "401": (wire.refused(401, "Incorrect API key provided.", code="invalid_api_key"), EmbedderMisconfigured),
    "403": (wire.refused(403, "Country not supported."), EmbedderMisconfigured),
    "404": (wire.refused(404, "No such model.", code="model_not_found"), EmbedderMisconfigured),
    "408": (plain(408, ""), EmbedderUnavailable),
    "413": (plain(413, ""), EmbedderMisconfigured),
    "422": (wire.refused(422, "Nonsense."), EmbedderMisconfigured),
    "429": (wire.refused(429, "Slow down.", type="tokens"), EmbedderUnavailable),
    "429 for the month": (wire.refused(429, "No credit.", code="insufficient_quota"), EmbedderMisconfigured),
    "500": (wire.refused(500, "We are sorry.", type="server_error"), EmbedderUnavailable),
    "503": (plain(503, {"detail": "starting"}), EmbedderUnavailable),
    "redirects": (plain(302, "", location="/elsewhere"), EmbedderMisconfigured),
}


class Stage(AsyncExitStack):
    """Sets up embedders, each at a server of its own; `server` is the newest."""

    server: Server

    async def embedder(self, *replies: Reply, **settings: Any) -> OpenAIEmbedder:
        hangs = any(Then.HANG in reply for reply in replies)
        return await self.at(Server(*replies), **{"silence": SILENCE if hangs else PATIENCE} | settings)

    async def answering(self, *, length: int = 8, refuses: Refuses = lambda _: None, **settings: Any) -> OpenAIEmbedder:
        return await self.at(EmbeddingServer(length=length, refuses=refuses), **settings)

    async def at(self, server: Server, *, silence: float = PATIENCE, **settings: Any) -> OpenAIEmbedder:
        self.server = await self.enter_async_context(server)
        return await self.at_url(self.server.url, silence=silence, **settings)

    async def at_url(self, url: str, *, silence: float = PATIENCE, **settings: Any) -> OpenAIEmbedder:
        http = await self.enter_async_context(vendor_client(silence=silence, most=MOST))
        given: dict[str, Any] = {"api_key": "sk-planted", "base_url": f"{url}/v1"} | settings
        return OpenAIEmbedder("embed-test", http=http, **given)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage() as stage:
        yield stage


class TestOpenAI(EmbedderContract):
    @pytest.fixture
    @override
    async def embedder(self, stage: Stage) -> Embedder:  # pyright: ignore[reportIncompatibleMethodOverride]
        return await stage.answering()


class TestFailures(FallibleEmbedderContract):
    @pytest.fixture
    @override
    async def embedder(self, stage: Stage) -> Embedder:  # pyright: ignore[reportIncompatibleMethodOverride]
        return await stage.answering(length=3)

    @pytest.fixture(params=FAILURES)
    @override
    async def failing(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, stage: Stage, request: pytest.FixtureRequest
    ) -> tuple[Embedder, type[EmbedderError]]:
        reply, error = FAILURES[request.param]
        return await stage.embedder(reply), error


async def failure_of(embedder: Embedder) -> EmbedderError:
    with pytest.raises(EmbedderError) as raised:
        await embedder.embed(["A text of some length. " * 10])
    return raised.value


async def test_the_request_holds_the_texts_the_model_and_the_key(stage: Stage) -> None:
    embedder = await stage.answering()

    await embedder.embed(["One.", "", " \n"])

    (request,) = stage.server.requests
    assert request.path == "/v1/embeddings"
    assert request.headers["authorization"] == "Bearer sk-planted"
    assert request.body == {"model": "embed-test", "input": ["One.", ".", "."], "encoding_format": "float"}


async def test_vectors_are_those_of_the_answer_made_as_long_as_one(stage: Stage) -> None:
    (vector,) = await (await stage.answering()).embed(["One."])

    length = math.hypot(*numbers("One."))
    assert vector == pytest.approx([number / length for number in numbers("One.")])


async def test_a_number_of_dimensions_is_asked_for_and_named(stage: Stage) -> None:
    embedder = await stage.answering(length=8, dimensions=5)

    assert len((await embedder.embed(["One."]))[0]) == 5
    assert stage.server.requests[0].body["dimensions"] == 5
    assert embedder.name.startswith("openai:embed-test@")
    assert embedder.name.endswith("/5")


async def test_models_of_the_same_name_at_other_servers_are_others(stage: Stage) -> None:
    one, same, other = [await stage.at_url(f"http://{host}") for host in ("one.test", "one.test", "other.test")]
    slashed = await stage.at_url("", base_url="http://one.test/v1/")
    openais = await stage.at_url("", base_url=None)

    assert one.name == same.name == slashed.name
    assert len({one.name, other.name, openais.name}) == 3
    assert openais.name == "openai:embed-test"


async def test_a_server_that_gives_other_dimensions_than_asked_for_is_not_taken(stage: Stage) -> None:
    error = await failure_of(await stage.embedder(answer([[1.0] * 8]), dimensions=5))

    assert isinstance(error, EmbedderMisconfigured)
    assert "8 numbers whatever is asked for: unset EMBEDDING_DIMENSIONS" in str(error)


async def test_a_model_that_takes_no_dimensions_is_asked_once(stage: Stage) -> None:
    refusal = wire.refused(400, "This model does not support specifying dimensions.")
    error = await failure_of(await stage.embedder(refusal, dimensions=5))

    assert isinstance(error, EmbedderMisconfigured)
    assert "specifying dimensions" in str(error)
    assert len(stage.server.requests) == 1


async def test_vectors_that_are_too_long_are_told_with_what_to_set(stage: Stage) -> None:
    error = await failure_of(await stage.embedder(answer([[1.0] * 3_072])))

    assert "3072 numbers, and up to 1536 are taken: set EMBEDDING_DIMENSIONS" in str(error)


async def test_without_a_key_no_authorization_is_sent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    embedder = await stage.answering(api_key=None)

    await embedder.embed(["One."])

    assert "authorization" not in stage.server.requests[0].headers


async def test_many_texts_go_in_several_requests_and_come_back_in_order(stage: Stage) -> None:
    texts = [f"Number {number}." for number in range(2 * MOST_TEXTS + 3)]
    embedder = await stage.answering(length=2)

    vectors = await embedder.embed(texts)

    sent = [request.body["input"] for request in stage.server.requests]
    assert [len(part) for part in sent] == [MOST_TEXTS, MOST_TEXTS, 3]
    assert [text for part in sent for text in part] == texts
    length = math.hypot(*numbers(texts[-1], 2))
    assert vectors[-1] == pytest.approx([number / length for number in numbers(texts[-1], 2)])


async def test_long_texts_go_in_requests_of_bounded_size(stage: Stage) -> None:
    embedder = await stage.answering()

    await embedder.embed(["word " * 1_500] * 60)

    sent = [request.body["input"] for request in stage.server.requests]
    assert len(sent) == 2
    assert all(sum(len(text) for text in part) <= 3 * MOST_TOKENS for part in sent)


async def test_of_a_text_that_is_too_long_for_any_model_the_beginning_is_sent(stage: Stage) -> None:
    embedder = await stage.answering()

    await embedder.embed(["é" * 10_000])

    assert stage.server.requests[0].body["input"] == ["é" * (LONGEST_TEXT // 2)]


async def test_what_is_refused_is_sent_again_in_smaller_parts(stage: Stage) -> None:
    def refuses(body: Mapping[str, Any]) -> Reply | None:
        too_much = sum(map(len, body["input"])) > 600
        return wire.refused(400, "Input is too long.") if too_much else None

    embedder = await stage.answering(refuses=refuses)
    texts = ["a" * 250, "b" * 250, "c" * 250, "d" * 1_000]

    vectors = await embedder.embed(texts)

    assert [request.body["input"] for request in stage.server.requests] == [
        texts,
        texts[:2],
        texts[2:],
        texts[2:3],
        texts[3:],
        ["d" * 500],
    ]
    assert vectors[2] == (await embedder.embed([texts[2]]))[0]


async def test_what_is_refused_however_short_is_given_up(stage: Stage) -> None:
    error = await failure_of(await stage.embedder(wire.refused(422, "Nonsense.")))

    assert isinstance(error, EmbedderMisconfigured)
    assert "Nonsense." in str(error)
    assert len(stage.server.requests) == 3


async def test_a_limit_tells_when_to_come_again(stage: Stage) -> None:
    error = await failure_of(await stage.embedder(wire.refused(429, "Slow down.", headers={"retry_after": "2.5"})))

    assert isinstance(error, EmbedderUnavailable)
    assert error.retry_after == 2.5


async def test_a_server_that_is_not_there_is_unavailable(stage: Stage) -> None:
    assert isinstance(await failure_of(await stage.at_url(await refusing())), EmbedderUnavailable)


async def test_the_key_is_not_in_what_is_logged(stage: Stage) -> None:
    error = await failure_of(await stage.embedder(wire.refused(401, "Incorrect API key provided: sk-planted.")))

    assert "sk-planted" not in str(error)


async def test_cancelling_closes_the_connection(stage: Stage) -> None:
    embedder = await stage.embedder((Then.HANG,), silence=60)
    asking = asyncio.create_task(embedder.embed(["One."]))
    await stage.server.arrivals.get()

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    await asyncio.wait_for(stage.server.gone.wait(), 5)
