from collections.abc import Sequence
from typing import cast

import httpx
import pytest
from litestar.types import Scope

from application.ports.rate_limiter import Rate
from domain.errors import Limited
from entrypoints.http.edge.exchange import Exchange, begin, exchange_of
from entrypoints.http.edge.limits import Limits
from entrypoints.http.edge.strangers import Strangers
from tests.entrypoints.http.edge.world import CONVERSATION_ID, NOTE, OWNER, VISITOR, CountingLimiter, World, problem

NOTES = "/api/v1/notes"
PATH = f"{NOTES}/{NOTE}"
MESSAGES = f"/api/v1/public/conversations/{CONVERSATION_ID}/messages"
BODY = {"title": "a"}
WRONG = {"authorization": "Bearer wrong"}
TWO = Limits(reads=Rate(2, 60), public_writes=Rate(2, 60))


async def post(client: httpx.AsyncClient, path: str, *headers: dict[str, str]) -> Sequence[httpx.Response]:
    return [await client.post(path, json=BODY, headers=each) for each in headers]


async def test_wrong_tokens_use_up_the_writes_of_their_address_and_are_then_not_looked_at(world: World) -> None:
    async with world.client(limits=TWO) as client:
        answers = await post(client, MESSAGES, *[WRONG] * 4)

    assert [answer.status_code for answer in answers] == [404, 404, 429, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0", "0", "0"]
    assert answers[-1].headers["retry-after"] == "9"
    problem(answers[-1], 429, "limited")
    assert world.identify.seen == ["wrong", "wrong"]


@pytest.mark.parametrize("headers", [WRONG, {"authorization": ""}])
async def test_elsewhere_wrong_and_missing_tokens_count_as_reads(world: World, headers: dict[str, str]) -> None:
    async with world.client(limits=TWO) as client:
        read = await client.get(PATH, headers=headers)
        [written] = await post(client, NOTES, headers)
        refused = [await client.get(PATH, headers=headers), *await post(client, NOTES, headers)]

    assert [answer.status_code for answer in (read, written, *refused)] == [401, 401, 429, 429]
    assert world.limiter.hits == {("reads", "192.0.2.1"): 2}


async def test_a_closed_address_is_closed_to_good_tokens_and_others_are_not(world: World) -> None:
    app = world.app(limits=TWO)
    seen: list[int] = []
    for address, headers in (("192.0.2.1", WRONG), ("192.0.2.1", WRONG), ("192.0.2.1", OWNER), ("192.0.2.2", OWNER)):
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://flightdeck.test") as client:
            seen.append((await client.get(PATH, headers=headers)).status_code)

    assert seen == [401, 401, 429, 200]


async def test_each_limit_is_closed_by_itself(world: World) -> None:
    async with world.client(limits=TWO) as client:
        await post(client, MESSAGES, *[WRONG] * 3)
        assert (await client.get(PATH)).status_code == 200


async def test_a_good_token_is_counted_once_and_a_replay_never(world: World) -> None:
    key = VISITOR | {"Idempotency-Key": "k"}
    async with world.client(limits=TWO) as client:
        answers = await post(client, MESSAGES, *[key] * 5)

    assert {answer.status_code for answer in answers} == {201}
    assert world.limiter.hits == {("public_writes", "192.0.2.1"): 1}


async def test_good_writes_and_wrong_tokens_of_an_address_add_up(world: World) -> None:
    async with world.client(limits=TWO) as client:
        answers = await post(client, MESSAGES, VISITOR, WRONG, VISITOR)

    assert [answer.status_code for answer in answers] == [201, 404, 429]


async def test_a_token_that_cannot_be_verified_now_is_not_counted(world: World) -> None:
    async with world.client(limits=TWO) as client:
        await client.get(PATH, headers={"authorization": "Bearer unavailable"})

    assert not world.limiter.hits


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def request(address: str) -> Scope:
    scope = cast("Scope", {"type": "http", "path": PATH})
    begin(scope, Exchange(request_id="r", method="GET", address=address))
    return scope


async def test_an_address_opens_when_its_limit_is_fresh() -> None:
    clock = Clock()
    strangers = Strangers(CountingLimiter(), Limits(reads=Rate(1, 60)), clock)
    await strangers.count(request("192.0.2.1"))
    clock.seconds += 8.5
    closed = request("192.0.2.1")
    with pytest.raises(Limited) as refused:
        strangers.admit(closed)
    allowance = exchange_of(closed).allowance
    assert allowance
    assert (refused.value.retry_after, allowance.reset_seconds) == (1, 1)

    clock.seconds += 0.5
    strangers.admit(request("192.0.2.1"))
    assert len(strangers) == 0


async def test_closed_addresses_are_remembered_up_to_a_bound() -> None:
    clock = Clock()
    strangers = Strangers(CountingLimiter(), Limits(reads=Rate(1, 60)), clock)
    for number in range(10_001):
        await strangers.count(request(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
    assert len(strangers) == 10_000
    strangers.admit(request("10.0.0.0"))
    with pytest.raises(Limited):
        strangers.admit(request("10.0.0.1"))

    clock.seconds += 9
    await strangers.count(request("192.0.2.1"))
    assert len(strangers) == 1
