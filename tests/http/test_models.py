"""What a visitor sees of vendors that fail: real adapters, set up by the settings, at servers on loopback."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from adapters.postgres.migrate import migrate
from entrypoints.container import running
from entrypoints.supervisor.embedded import Urls
from tests.http.system import System, Visitor, settings_for, started, text_of
from tests.migrations.databases import new_database
from tests.wire import anthropic, openai
from tests.wire.server import END, Reply, Server, Then, head, piece, refusing

ANSWER = openai.saying("It ", "costs ", "60 €.")
DIES_FIRST: Reply = (head(), piece(openai.ROLE), Then.RESET)
DIES_IN_MID_SENTENCE: Reply = (head(), *map(piece, openai.texts("It ", "costs ")), Then.RESET)
LIMITED = openai.refused(429, "Slow down.", type="rate_limit_error", headers={"retry_after": "60"})
PRICES = {"currency": "EUR", "openai:second": {"input": "1000", "output": "10000"}}
TAKEN: Reply = (head(kind="application/x-protobuf"), END)
"""What a collector of traces answers."""
API = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An instance with the models `first` and `second` of one server, and a visitor of it."""

    system: System
    server: Server
    visitor: Visitor

    @property
    def asked(self) -> list[str]:
        """The models, in the order in which they were asked."""
        return [request.body["model"] for request in self.server.requests]

    async def run(self, run_id: str) -> dict[str, Any]:
        """The run as it is stored."""
        ((model, status, usage, error),) = await self.system.sql(
            "select model, status, usage, error from runs where id = %s", run_id
        )
        return {"model": model, "status": status, "usage": usage, "error": error}


@pytest.fixture(scope="module")
async def own_database(servers: Urls) -> AsyncIterator[str]:
    """A database whose jobs no other instance's worker takes."""
    async with new_database(servers.database) as url:
        migrate(url)
        yield url


@pytest.fixture
def scene(own_database: str, servers: Urls, tmp_path: Path) -> Any:
    @asynccontextmanager
    async def scene(*replies: Reply, patience: str = "1m", **more: str) -> AsyncGenerator[Scene]:
        async with Server(*replies) as server:
            given = {
                "LLM_BASE_URL": f"{server.url}/v1",
                "LLM_CHAIN": "openai:first,openai:second",
                "LLM_FIRST_TOKEN_TIMEOUT": patience,
                "MODEL_PRICES": json.dumps(PRICES),
            }
            settings = settings_for(own_database, servers.redis, tmp_path, **given | more)
            async with started(settings, staged=False) as system:
                yield Scene(system=system, server=server, visitor=await system.visitor())

    return scene


async def test_the_first_model_answers_when_it_can(scene: Any) -> None:
    async with scene(ANSWER) as at:
        health = (await at.system.client.get(f"{API}/health")).json()
        assert health["checks"]["model"]["detail"] == "openai:first, then openai:second"
        assert await at.visitor.ask("What does it cost?") == "It costs 60 €."
        assert at.asked == ["first"]
        assert "authorization" not in at.server.requests[0].headers
        assert at.server.requests[0].body["temperature"] == 0.7


@pytest.mark.parametrize(
    ("replies", "patience", "asked"),
    [
        pytest.param([LIMITED], "1m", ["first", "second"], id="limits us for a minute"),
        pytest.param([DIES_FIRST] * 3, "1m", ["first", "first", "first", "second"], id="dies before its text"),
        pytest.param([(head(), Then.HANG)], "2s", ["first", "second"], id="hangs before its text"),
    ],
)
async def test_a_visitor_does_not_notice_that_the_first_model(
    scene: Any, replies: list[Reply], patience: str, asked: list[str]
) -> None:
    async with scene(*replies, ANSWER, patience=patience) as at:
        posted = (await at.visitor.say("What does it cost?")).json()
        events = await at.visitor.replies()

        assert [event.name for event in events] == ["message_start", *["delta"] * (len(events) - 2), "message_end"]
        assert text_of(events) == events[-1].data["full_text"] == "It costs 60 €."
        assert at.asked == asked
        assert await at.run(posted["run"]["id"]) == {
            "model": "openai:second",
            "status": "completed",
            "usage": {
                "input_tokens": 31,
                "output_tokens": 7,
                "cost": {"amount": "0.101", "currency": "EUR"},
                "estimated": False,
            },
            "error": None,
        }


async def test_prometheus_is_told_of_each_model_how_it_answered(scene: Any) -> None:
    async with scene(LIMITED, ANSWER) as at:
        await at.visitor.ask("What does it cost?")
        registry = at.system.container.ports.model_metrics()
        for model, outcome in (("openai:first", "unavailable"), ("openai:second", "end")):
            labels = {"model": model, "outcome": outcome}
            assert registry.get_sample_value("language_model_answers_total", labels) == 1


async def test_a_key_is_all_that_each_vendors_model_needs(own_database: str, servers: Urls, tmp_path: Path) -> None:
    keys = {"OPENAI_API_KEY": "sk-1", "GROQ_API_KEY": "gsk_1", "ANTHROPIC_API_KEY": "sk-ant-1"}
    chain = ["groq:a", "openai:b", "anthropic:c", "offline:quote"]
    settings = settings_for(own_database, servers.redis, tmp_path, LLM_CHAIN=",".join(chain), **keys)
    async with running(settings) as container:
        models = container.ports.language_models()
        assert (list(models.names), [models.choose(name).name for name in chain]) == (chain, chain)


async def test_when_the_first_model_dies_in_mid_sentence_the_visitor_keeps_what_it_said(scene: Any) -> None:
    async with scene(DIES_IN_MID_SENTENCE, ANSWER) as at:
        posted = (await at.visitor.say("What does it cost?")).json()
        events = await at.visitor.replies()

        end = events[-1]
        assert (end.name, end.data["code"], end.data["full_text"]) == ("error", "model_unavailable", "It costs ")
        assert "cannot be reached" in end.data["message"]
        assert text_of(events) == "It costs "
        reply = (await at.visitor.messages())["items"][1]
        assert (reply["id"], reply["status"], reply["content"]) == (end.data["message_id"], "partial", "It costs ")
        assert at.asked == ["first"]
        stored = await at.run(posted["run"]["id"])
        assert (stored["model"], stored["status"], stored["error"]) == ("openai:first", "failed", "model_unavailable")
        assert await at.visitor.ask("Once more: what does it cost?") == "It costs 60 €."


async def test_what_a_visitor_sees_of_a_first_vendor_that_limits_us_dies_before_its_text_and_in_mid_sentence(
    scene: Any,
) -> None:
    limited = anthropic.refused(429, "rate_limit_error", headers={"retry_after": "60"})
    dies: Reply = (head(), piece(anthropic.start()), Then.RESET)
    begun = (anthropic.start(), *anthropic.text_block(0, "It ", "costs ")[:3])
    breaks: Reply = (head(), *map(piece, begun), Then.RESET)
    async with (
        Server(limited, dies, dies, dies, breaks, anthropic.saying("60 €, as I said.")) as first,
        scene(
            ANSWER,
            LLM_CHAIN="anthropic:claude-test,openai:second",
            ANTHROPIC_BASE_URL=first.url,
            ANTHROPIC_API_KEY="sk-ant-1",
        ) as at,
    ):
        assert await at.visitor.ask("What does it cost?") == "It costs 60 €."
        assert await at.visitor.ask("Really?") == "It costs 60 €."
        await at.visitor.say("And for two?")
        events = await at.visitor.replies()
        assert (text_of(events), events[-1].name) == ("It costs ", "error")
        assert await at.visitor.ask("For two, please?") == "60 €, as I said."

        assert (len(first.requests), at.asked) == (6, ["second", "second"])
        told = first.requests[-1].body["messages"]
        assert [turn["role"] for turn in told] == ["user", "assistant"] * 3 + ["user"]
        seen = (await at.visitor.messages())["items"]
        assert [(message["content"], message["status"]) for message in seen if message["role"] == "assistant"] == [
            ("It costs 60 €.", "complete"),
            ("It costs 60 €.", "complete"),
            ("It costs ", "partial"),
            ("60 €, as I said.", "complete"),
        ]


async def test_a_key_that_is_not_valid_is_told_to_its_owner_and_not_to_the_visitor(
    scene: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene(openai.refused(401, "Incorrect API key provided.", code="invalid_api_key")) as at:
        await at.visitor.say("What does it cost?")
        events = await at.visitor.replies()

        assert [event.name for event in events] == ["message_start", "error"]
        assert events[-1].data["code"] == "model_unavailable"
        assert "API key" not in json.dumps(events[-1].data)
        assert at.asked == ["first", "second"]
    failed = [record for record in caplog.records if record.levelname == "ERROR"]
    told = [record.getMessage() for record in failed if record.name == "adapters.fallback.language_model"]
    assert [line.split(" (")[0] for line in told] == ["openai:first did not answer", "openai:second did not answer"]
    assert all("Its API key is missing or not valid" in line for line in told)


async def test_models_of_groq_are_asked_where_the_settings_say(scene: Any) -> None:
    async with (
        Server(ANSWER) as groq,
        scene(ANSWER, LLM_CHAIN="groq:llama", GROQ_BASE_URL=f"{groq.url}/openai/v1", GROQ_API_KEY="gsk_1") as at,
    ):
        assert await at.visitor.ask("What does it cost?") == "It costs 60 €."
        (request,) = groq.requests
        assert (request.path, request.headers["authorization"]) == ("/openai/v1/chat/completions", "Bearer gsk_1")
        assert at.asked == []


async def test_requests_to_models_are_traced_and_what_was_said_is_not(scene: Any) -> None:
    async with Server(TAKEN) as collector:
        async with scene(LIMITED, ANSWER, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as at:
            assert await at.visitor.ask("What does it cost?") == "It costs 60 €."
        bodies: list[bytes] = [request.body for request in collector.requests]

    sent = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    spans = [span for one in sent for part in one.resource_spans for scope in part.scope_spans for span in scope.spans]
    assert [(span.name, span.status.code) for span in spans] == [
        ("chat first", Status.STATUS_CODE_ERROR),
        ("chat second", Status.STATUS_CODE_UNSET),
    ]
    assert not any(text in body for body in bodies for text in (b"What does it cost?", "60 €".encode(), b"Slow down"))


async def test_a_collector_that_is_gone_harms_no_reply(scene: Any) -> None:
    async with scene(ANSWER, OTEL_EXPORTER_OTLP_ENDPOINT=await refusing()) as at:
        assert await at.visitor.ask("What does it cost?") == "It costs 60 €."


async def test_when_no_model_answers_the_visitor_is_told(scene: Any) -> None:
    async with scene(LIMITED) as at:
        await at.visitor.say("What does it cost?")
        events = await at.visitor.replies()

        assert [event.name for event in events] == ["message_start", "error"]
        assert (events[-1].data["code"], events[-1].data["full_text"]) == ("model_unavailable", "")
        assert "Slow down" not in json.dumps(events[-1].data)
        assert at.asked == ["first", "second"]


async def test_a_workspace_has_the_model_it_chose_asked_first(scene: Any) -> None:
    async with scene(ANSWER) as at:
        member = await at.system.member()
        chosen = await member.api.patch(member.path, json={"assistant": {"model": "openai:second"}})
        assert chosen.status_code == 200
        assert await (await at.system.visitor(member.handle)).ask("What does it cost?") == "It costs 60 €."
        assert at.asked == ["second"]
