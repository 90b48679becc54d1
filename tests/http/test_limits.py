from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from entrypoints.supervisor.embedded import Urls
from tests.http.system import System, Visitor, problem, settings_for, started

START = "/api/v1/public/conversations"
BODY = {"workspace_handle": "harbour-studio"}


@pytest.fixture(scope="module")
async def limited(system: System, servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A second instance on the same servers, which limits; each test comes from an address of its own."""
    limits = {
        "LIMIT_PUBLIC_WRITES": "6/minute",
        "LIMIT_CONVERSATION": "3/minute",
        "LIMIT_READS": "5/minute",
        "LIMIT_STREAMS": "2",
    }
    home = tmp_path_factory.mktemp("limited")
    settings = settings_for(str(system.settings.database_url), servers.redis, home, **limits)
    async with started(settings, worker=False) as running:
        yield running


@asynccontextmanager
async def calling(limited: System, address: str) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(base_url=limited.base_url, transport=transport, timeout=20) as client:
        yield client


async def test_public_writes_are_limited_by_address(limited: System) -> None:
    async with calling(limited, "127.0.1.1") as client, calling(limited, "127.0.1.2") as other:
        answers = [await client.post(START, json=BODY) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [*[201] * 6, 429]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["5", "4", "3", "2", "1", "0", "0"]
        assert {answer.headers["ratelimit-limit"] for answer in answers} == {"6"}
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        problem(answers[-1], 429, "limited")
        assert (await other.post(START, json=BODY)).status_code == 201


async def test_looking_at_an_invite_without_a_token_is_limited_as_a_public_write(limited: System) -> None:
    async with calling(limited, "127.0.1.3") as client:
        asked = [await client.post("/api/v1/invites/look", json={"token": "fd_invite_nonsense"}) for _ in range(7)]
    assert [answer.status_code for answer in asked] == [*[410] * 6, 429]


async def test_messages_are_limited_by_conversation(limited: System, system: System) -> None:
    first, second = await system.visitor(), await system.visitor()
    async with calling(limited, "127.0.2.1") as client:
        here, there = (Visitor(client, each.conversation_id, each.token) for each in (first, second))
        assert [(await here.say("Hello")).status_code for _ in range(4)] == [201, 201, 201, 429]
        assert (await there.say("Hello")).status_code == 201
    for visitor in (first, second):
        await visitor.replies()


async def test_a_replay_is_not_counted(limited: System) -> None:
    key = {"Idempotency-Key": "127.0.3.1"}
    async with calling(limited, "127.0.3.1") as client:
        answers = [await client.post(START, json=BODY, headers=key) for _ in range(12)]
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1


async def test_reads_are_limited_by_credential_or_address(limited: System, system: System) -> None:
    visitor = await system.visitor()
    public = "/api/v1/public/workspaces/harbour-studio"
    async with calling(limited, "127.0.4.1") as client:
        assert [(await client.get(public)).status_code for _ in range(6)] == [*[200] * 5, 429]
        path = f"{visitor.path}/messages"
        assert [(await client.get(path, headers=visitor.headers)).status_code for _ in range(6)] == [*[200] * 5, 429]
        for unlimited in ("/healthz", "/readyz", "/metrics", "/", "/api/v1/openapi.json"):
            assert [(await client.get(unlimited)).status_code for _ in range(7)] == [200] * 7


async def test_open_streams_are_limited_by_address(limited: System, system: System) -> None:
    visitor = await system.visitor()
    path, query = f"{visitor.path}/stream", {"follow": "true"}
    async with calling(limited, "127.0.5.1") as client, AsyncExitStack() as stack:
        for _ in range(2):
            open_stream = client.stream("GET", path, params=query, headers=visitor.headers)
            assert (await stack.enter_async_context(open_stream)).status_code == 200
        refused = await client.get(path, params=query, headers=visitor.headers)
        problem(refused, 429, "limited")
        other = await stack.enter_async_context(calling(limited, "127.0.5.2"))
        async with other.stream("GET", path, params=query, headers=visitor.headers) as answer:
            assert answer.status_code == 200


async def test_wrong_tokens_are_limited_by_address_before_they_are_looked_at(limited: System, system: System) -> None:
    visitor = await system.visitor()
    async with calling(limited, "127.0.7.1") as client, calling(limited, "127.0.7.2") as other:
        path, wrong = f"{visitor.path}/messages", {"Authorization": "Bearer fd_visitor_no"}
        reads = [await client.get(path, headers=wrong) for _ in range(6)]
        writes = [await client.post(path, json={"content": "x"}, headers=wrong) for _ in range(7)]
        assert [answer.status_code for answer in reads] == [*[404] * 5, 429]
        assert [answer.status_code for answer in writes] == [*[404] * 6, 429]
        for refused in (reads[-1], writes[-1], await client.get(path, headers=visitor.headers)):
            problem(refused, 429, "limited")
            assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await other.get(path, headers=visitor.headers)).status_code == 200


async def test_who_is_unknown_uses_up_nobodys_limit(limited: System, system: System) -> None:
    visitor = await system.visitor()
    async with calling(limited, "127.0.6.1") as stranger, calling(limited, "127.0.6.2") as client:
        for _ in range(6):
            answer = await stranger.post(
                f"{visitor.path}/messages", json={"content": "x"}, headers={"Authorization": "Bearer no"}
            )
            problem(answer, 404, "not_found")
        assert (await Visitor(client, visitor.conversation_id, visitor.token).say("Hello")).status_code == 201
    await visitor.replies()
