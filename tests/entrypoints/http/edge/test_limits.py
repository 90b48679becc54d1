import httpx
import pytest

from application.ports.rate_limiter import Rate
from domain.errors import Limited
from entrypoints.http.edge.limits import Limits, StreamSlots
from tests.entrypoints.http.edge.world import CONVERSATION_ID, NOTE, OWNER, VISITOR, World, problem

PATH = f"/api/v1/notes/{NOTE}"
PUBLIC = "/api/v1/public/conversations"
MESSAGES = f"{PUBLIC}/{CONVERSATION_ID}/messages"
BODY = {"title": "a"}


async def test_reads_are_counted_by_credential(world: World) -> None:
    async with world.client(limits=Limits(reads=Rate(2, 60))) as client:
        answers = [await client.get(PATH) for _ in range(3)]
        other = await client.get(PATH, headers={"authorization": "Bearer fd_key_other"})

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert other.status_code == 200
    assert OWNER["Authorization"].split()[1] not in str(world.limiter.hits)


async def test_a_reached_limit_says_when_to_come_back(world: World) -> None:
    async with world.client(limits=Limits(reads=Rate(0, 60))) as client:
        response = await client.get(PATH)

    problem(response, 429, "limited")
    assert response.headers["retry-after"] == "9"
    assert response.headers["ratelimit-limit"] == "0"
    assert response.headers["ratelimit-reset"] == "9"


async def test_head_is_a_read(world: World) -> None:
    async with world.client(limits=Limits(reads=Rate(1, 60))) as client:
        assert [(await client.head(PATH)).status_code for _ in range(2)] == [200, 429]


async def test_a_post_that_only_reads_is_a_read(world: World) -> None:
    async with world.client(limits=Limits(reads=Rate(2, 60))) as client:
        await client.get(PATH)
        first, second = [await client.post("/api/v1/notes/search", json=BODY) for _ in range(2)]
        written = await client.post("/api/v1/notes", json=BODY)

    assert (first.status_code, second.status_code, written.status_code) == (200, 429, 201)
    assert first.headers["ratelimit-remaining"] == "0"


async def test_public_writes_are_counted_by_address(world: World) -> None:
    app = world.app(limits=Limits(public_writes=Rate(1, 60)))
    seen: list[int] = []
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"):
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://flightdeck.test") as client:
            seen.append((await client.post(PUBLIC, json=BODY)).status_code)

    assert seen == [201, 429, 201, 201, 201]


async def test_messages_are_counted_by_conversation(world: World) -> None:
    async with world.client(limits=Limits(conversation=Rate(1, 60), public_writes=Rate(100, 60))) as client:
        first, second = [await client.post(MESSAGES, json=BODY, headers=VISITOR) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 429)
    assert first.headers["ratelimit-limit"] == "1"


async def test_a_stranger_does_not_use_up_the_limit_of_a_conversation(world: World) -> None:
    other = MESSAGES.replace(str(CONVERSATION_ID), str(NOTE))
    async with world.client(limits=Limits(conversation=Rate(1, 60))) as client:
        await client.post(other, json=BODY, headers=VISITOR)
        await client.post(MESSAGES, json=BODY, headers={"authorization": "Bearer wrong"})

    assert not world.limiter.hits


async def test_without_limits_nothing_is_counted_and_nothing_said(world: World) -> None:
    async with world.client() as client:
        response = await client.get(PATH)

    assert not world.limiter.hits
    assert "ratelimit-limit" not in response.headers


async def test_health_metrics_and_docs_are_never_refused(world: World) -> None:
    async with world.client(limits=Limits(reads=Rate(0, 60))) as client:
        for path in ("/healthz", "/metrics", "/api/v1/docs", "/api/v1/openapi.json", "/api/v1/docs/start.js"):
            assert (await client.get(path)).status_code == 200, path


def test_an_address_has_so_many_slots_and_gets_them_back() -> None:
    slots = StreamSlots(1)
    with slots.take("192.0.2.1"), slots.take("192.0.2.2"), pytest.raises(Limited), slots.take("192.0.2.1"):
        pass
    with slots.take("192.0.2.1"):
        pass
    assert len(slots) == 0


def test_slots_may_be_unlimited() -> None:
    slots = StreamSlots(None)
    with slots.take("local"), slots.take("local"):
        pass
