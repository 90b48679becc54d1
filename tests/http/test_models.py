"""What a visitor sees of vendors that fail: real adapters, set up by the settings, at servers on loopback."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.postgres.migrate import migrate
from entrypoints.container import running
from entrypoints.supervisor.embedded import Urls
from tests.http.system import System, Visitor, settings_for, started, text_of
from tests.migrations.databases import new_database
from tests.wire import openai
from tests.wire.server import Reply, Server, Then, head, piece

ANSWER = openai.saying("It ", "costs ", "60 €.")
DIES_FIRST: Reply = (head(), piece(openai.ROLE), Then.RESET)
DIES_IN_MID_SENTENCE: Reply = (head(), *map(piece, openai.texts("It ", "costs ")), Then.RESET)
LIMITED = openai.refused(429, "Slow down.", type="rate_limit_error", headers={"retry_after": "60"})
PRICES = {"openai:second": {"input": "1000", "output": "10000"}}
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
    async def scene(*replies: Reply, patience: str = "1m") -> AsyncGenerator[Scene]:
        async with Server(*replies) as server:
            settings = settings_for(
                own_database,
                servers.redis,
                tmp_path,
                LLM_BASE_URL=f"{server.url}/v1",
                LLM_CHAIN="openai:first,openai:second",
                LLM_FIRST_TOKEN_TIMEOUT=patience,
                MODEL_PRICES=json.dumps(PRICES),
            )
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
        pytest.param([(head(), Then.HANG)], "1s", ["first", "second"], id="hangs before its text"),
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
            "usage": {"input_tokens": 31, "output_tokens": 7, "cost": "0.101"},
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
