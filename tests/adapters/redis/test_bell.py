import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from typing_extensions import override

from adapters.redis.bell import RedisBell
from adapters.redis.connection import RedisConnection
from application.ports.bell import Bell, Listener
from tests.adapters.redis.conftest import PATIENCE, Server, eventually
from tests.contracts.bell import LONG, SHORT, BellContract


class TestRedisBell(BellContract):
    @pytest.fixture
    @override
    def bell(self, connection: RedisConnection) -> Bell:
        return RedisBell(connection, patience=PATIENCE)


@pytest.fixture
def here(own_connection: RedisConnection) -> Bell:
    return RedisBell(own_connection, patience=PATIENCE)


@pytest.fixture
async def elsewhere(server: Server) -> AsyncIterator[Bell]:
    """As another process has it."""
    async with RedisConnection(server.url) as connection:
        yield RedisBell(connection, patience=PATIENCE)


async def test_a_ring_is_heard_in_another_process(here: Bell, elsewhere: Bell) -> None:
    async with elsewhere.listen("tea") as listener:
        await here.ring(["coffee"])
        assert not await listener.heard(SHORT)
        await here.ring(["coffee", "tea"])

        assert await listener.heard(LONG)
        assert not await listener.heard(SHORT)


async def test_every_ring_after_listening_began_is_heard_in_another_process(here: Bell, elsewhere: Bell) -> None:
    for _ in range(200):
        async with elsewhere.listen("tea") as listener:
            await here.ring(["tea"])

            assert await listener.heard(LONG)


async def test_rings_at_once_are_carried_together_and_all_are_heard(
    own_connection: RedisConnection, here: Bell, elsewhere: Bell
) -> None:
    async def carried() -> int:
        told = await own_connection.commands.info("commandstats")
        calls: int = told.get("cmdstat_publish", {"calls": 0})["calls"]
        return calls

    before = await carried()
    async with elsewhere.listen("tea") as tea, elsewhere.listen("coffee") as coffee:
        await asyncio.gather(*(here.ring([topic]) for topic in ("tea", "coffee") * 20))

        assert await tea.heard(LONG)
        assert await coffee.heard(LONG)
    assert 2 <= await carried() - before <= 4


async def test_a_ring_goes_out_when_another_with_it_is_cancelled(here: Bell, elsewhere: Bell) -> None:
    async with elsewhere.listen("tea") as tea, elsewhere.listen("coffee") as coffee:
        ringing = [asyncio.ensure_future(here.ring([topic])) for topic in ("tea", "coffee")]
        await asyncio.sleep(0)
        ringing[0].cancel()
        await ringing[1]

        assert await tea.heard(LONG)
        assert await coffee.heard(LONG)


async def test_instances_of_different_namespaces_do_not_meet(here: Bell, server: Server) -> None:
    async with (
        RedisConnection(server.url, namespace="another") as connection,
        RedisBell(connection).listen("tea") as listener,
    ):
        await here.ring(["tea"])

        assert not await listener.heard(SHORT)


async def test_when_its_connection_is_killed_a_listener_looks_and_goes_on_hearing(
    here: Bell, elsewhere: Bell, own_connection: RedisConnection
) -> None:
    async with elsewhere.listen("tea") as listener:
        await own_connection.commands.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        assert await listener.heard(LONG)  # it may have missed one
        await _settled(listener)
        await here.ring(["tea"])

        assert await listener.heard(LONG)


async def test_a_restart_of_redis_is_survived(here: Bell, elsewhere: Bell, server: Server) -> None:
    async with elsewhere.listen("tea") as listener, elsewhere.listen("coffee") as other:
        await server.kill()
        assert await listener.heard(LONG)
        await server.start()
        await _settled(listener)
        await _settled(other)
        await here.ring(["tea"])

        assert await listener.heard(LONG)
        assert not await other.heard(SHORT)


@pytest.mark.parametrize("outage", ["killed", "frozen"])
async def test_while_redis_is_away_listeners_hear_again_and_again(here: Bell, server: Server, outage: str) -> None:
    async with here.listen("tea") as listener:
        await _take_away(server, outage)
        heard = [await listener.heard(LONG) for _ in range(3)]

        assert heard == [True, True, True]


@pytest.mark.parametrize("outage", ["killed", "frozen"])
async def test_while_redis_is_away_a_ring_is_heard_in_its_own_process(
    own_connection: RedisConnection, server: Server, outage: str
) -> None:
    bell = RedisBell(own_connection)
    await _take_away(server, outage)
    async with asyncio.timeout(LONG), bell.listen("tea") as listener:
        while await listener.heard(0):
            pass
        await bell.ring(["tea"])

        assert await listener.heard(0)


async def test_listening_can_begin_while_redis_is_away_and_hears_when_it_is_back(here: Bell, server: Server) -> None:
    await server.kill()
    async with RedisConnection(server.url) as connection, RedisBell(connection).listen("tea") as listener:
        await server.start()
        await eventually(lambda: connection.subscriptions.connected)
        await _settled(listener)
        await here.ring(["tea"])

        assert await listener.heard(LONG)


async def test_listening_begins_within_a_second_when_redis_is_slow_and_is_told_when_it_holds(
    here: Bell, elsewhere: Bell, server: Server
) -> None:
    server.freeze()
    async with here.listen("tea") as listener:
        server.thaw()
        assert await listener.heard(LONG)
        await _settled(listener)
        await elsewhere.ring(["tea"])

        assert await listener.heard(LONG)


async def test_a_topic_left_before_redis_answered_can_be_listened_to_again(
    here: Bell, elsewhere: Bell, server: Server
) -> None:
    server.freeze()
    async with here.listen("tea"):
        pass
    server.thaw()
    async with here.listen("tea") as listener:
        await _settled(listener)
        await elsewhere.ring(["tea"])

        assert await listener.heard(LONG)


async def test_thousands_of_listeners_cost_one_connection_and_no_tasks(
    here: Bell, elsewhere: Bell, own_connection: RedisConnection
) -> None:
    topics = [f"activity:{uuid4()}" for _ in range(5_000)]
    before = len(asyncio.all_tasks())
    async with AsyncExitStack() as stack:
        listeners = await asyncio.gather(*(stack.enter_async_context(elsewhere.listen(topic)) for topic in topics))
        clients = await own_connection.commands.client_list(_type="pubsub")
        assert len(asyncio.all_tasks()) == before
        assert len(clients) == 1
        await here.ring(topics)

        assert all([await listener.heard(LONG) for listener in listeners])


async def test_topics_nobody_listens_to_any_more_are_given_up(here: Bell, own_connection: RedisConnection) -> None:
    for _ in range(3):
        async with here.listen("tea"), here.listen("tea"), here.listen("coffee"):
            pass
    async with here.listen("last"):
        async with asyncio.timeout(LONG):
            while await own_connection.commands.pubsub_channels() != [b"flightdeck:bell:last"]:  # noqa: ASYNC110 (the server's)
                await asyncio.sleep(0.005)


async def _take_away(server: Server, outage: str) -> None:
    if outage == "killed":
        await server.kill()
    else:
        server.freeze()


async def _settled(listener: Listener) -> None:
    """Waits until the connection is back and every listener was told so: what is heard next is a ring."""
    while await listener.heard(1.5):
        pass
