from uuid import uuid4

import pytest
from typing_extensions import override

from adapters.redis.connection import RedisConnection
from adapters.redis.run_log import RedisRunLog
from application.ports.run_log import LogLost, RunLog
from domain.ids import RunId
from tests.adapters.redis.conftest import PATIENCE, Server, eventually
from tests.contracts.run_log import LONG, RunLogContract, frames_of, taken, texts


class TestRedisRunLog(RunLogContract):
    @pytest.fixture
    @override
    def log(self, connection: RedisConnection) -> RunLog:
        return RedisRunLog(connection, patience=PATIENCE)


@pytest.fixture
def run_id() -> RunId:
    return RunId(uuid4())


@pytest.fixture
def log(own_connection: RedisConnection) -> RunLog:
    return RedisRunLog(own_connection, patience=PATIENCE)


async def test_a_run_is_followed_in_another_process(log: RunLog, server: Server, run_id: RunId) -> None:
    await log.append(run_id, texts(1, 2), anew=True)
    async with RedisConnection(server.url) as connection, RedisRunLog(connection).follow(run_id) as reader:
        await log.append(run_id, texts(3, 4))

        assert await taken(reader, 4) == texts(1, 4)


async def test_a_log_expires_an_hour_after_its_last_frame(
    log: RunLog, own_connection: RedisConnection, run_id: RunId
) -> None:
    key = own_connection.key("run", run_id)
    await log.append(run_id, texts(1, 1), anew=True)
    assert 3590 < await own_connection.commands.ttl(key) <= 3600
    await own_connection.commands.expire(key, 5)
    await log.append(run_id, texts(2, 2))

    assert await own_connection.commands.ttl(key) > 3590


async def test_a_log_has_a_bounded_length(log: RunLog, own_connection: RedisConnection, run_id: RunId) -> None:
    for first in range(1, 60_001, 500):
        await log.append(run_id, texts(first, first + 499), anew=first == 1)

    assert 50_000 <= await own_connection.commands.xlen(own_connection.key("run", run_id)) < 50_500


async def test_a_follower_misses_nothing_when_its_connection_is_killed_again_and_again(
    log: RunLog, own_connection: RedisConnection, run_id: RunId
) -> None:
    async with log.follow(run_id) as reader:
        for sequence in range(1, 101):
            await log.append(run_id, texts(sequence, sequence), anew=sequence == 1)
            if sequence % 10 == 5:
                await own_connection.commands.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

        assert await taken(reader, 100) == texts(1, 100)


async def test_the_last_frame_is_not_missed_when_the_connection_was_lost_with_it(
    log: RunLog, own_connection: RedisConnection, run_id: RunId
) -> None:
    async with log.follow(run_id) as reader:
        await log.append(run_id, texts(1, 1), anew=True)
        assert await taken(reader, 1) == texts(1, 1)
        await own_connection.commands.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await log.append(run_id, texts(2, 2))

        assert await taken(reader, 1) == texts(2, 2)


async def test_a_follower_goes_on_after_everything_was_flushed(
    log: RunLog, own_connection: RedisConnection, run_id: RunId
) -> None:
    async with log.follow(run_id) as reader:
        await log.append(run_id, texts(1, 3), anew=True)
        assert await taken(reader, 3) == texts(1, 3)
        await own_connection.commands.flushall()
        with pytest.raises(LogLost):
            await log.append(run_id, texts(4, 4))
        await log.append(run_id, texts(6, 7), anew=True)
        await log.append(run_id, texts(8, 8))

        assert await taken(reader, 3) == texts(6, 8)


async def test_a_follower_goes_on_after_a_restart_of_redis(log: RunLog, server: Server, run_id: RunId) -> None:
    async with log.follow(run_id) as reader:
        await log.append(run_id, texts(1, 2), anew=True)
        assert await taken(reader, 2) == texts(1, 2)
        await server.kill()
        assert await reader.next(0.2) is None
        await server.start()
        await log.append(run_id, texts(3, 3), anew=True)

        assert (await taken(reader, 1))[0] == texts(3, 3)[0]


@pytest.mark.parametrize("outage", ["killed", "frozen"])
async def test_while_redis_is_away_it_is_as_if_every_log_was_lost(
    own_connection: RedisConnection, server: Server, run_id: RunId, outage: str
) -> None:
    log = RedisRunLog(own_connection)
    await log.append(run_id, texts(1, 1), anew=True)
    await server.kill() if outage == "killed" else server.freeze()

    with pytest.raises(LogLost):
        await log.append(run_id, texts(2, 2))
    with pytest.raises(LogLost):
        await log.append(run_id, texts(2, 2), anew=True)
    assert await frames_of(log, run_id) == []
    await log.drop([run_id])
    async with log.follow(run_id) as reader:
        assert await reader.next(0.2) is None


async def test_following_can_begin_while_redis_is_away(server: Server, run_id: RunId) -> None:
    await server.kill()
    async with RedisConnection(server.url) as connection:
        log = RedisRunLog(connection, patience=PATIENCE)
        async with log.follow(run_id) as reader:
            assert await reader.next(0.05) is None
            await server.start()
            await eventually(lambda: connection.subscriptions.connected)
            await log.append(run_id, texts(1, 2), anew=True)

            assert await taken(reader, 2) == texts(1, 2)


async def test_frames_nobody_can_read_do_not_disturb_other_runs(
    log: RunLog, own_connection: RedisConnection, run_id: RunId
) -> None:
    other = RunId(uuid4())
    async with log.follow(other), log.follow(run_id) as reader:
        await own_connection.commands.publish(own_connection.key("run", other), b'[[1, 1, 1, "unheard_of", {}]]')
        await log.append(run_id, texts(1, 1), anew=True)

        assert await reader.next(LONG) == texts(1, 1)[0]
