"""Each process is killed while a reply is being made; the reader sees the whole reply all the same."""

import asyncio

import psycopg

from tests.processes import Instance, eventually, gone
from tests.survival.conftest import QUESTION, Desk, Reader, assert_whole, until
from tests.survival.servers import API, POSTGRES, VALKEY, addresses, flush, kill, unattended

WORKER = "slow_worker.py"


def job(instance: Instance, reader: Reader) -> tuple[str, int, int]:
    """Status, attempt and failures of the job that makes the reply."""
    with psycopg.connect(addresses(instance)[0]) as connection:
        row = connection.execute(
            "select jobs.status, jobs.attempt, jobs.failures from jobs"
            " join runs on runs.id::text = jobs.payload->>'run_id' where runs.conversation_id = %s",
            [reader.visitor.conversation_id],
        ).fetchone()
    assert row
    return row


async def test_a_killed_workers_reply_is_made_by_another_and_the_connected_reader_sees_it(
    desk: Desk, whole_reply: str
) -> None:
    async with desk.reading() as reader:
        kill(desk.instance, WORKER)
    assert_whole(reader, whole_reply)
    assert [start.data["attempt"] for start in reader.named("message_start")] == [1, 2]
    assert reader.connections == 1
    assert job(desk.instance, reader) == ("succeeded", 2, 1)


async def test_a_terminated_worker_puts_its_reply_back_at_once_and_another_goes_on(
    desk: Desk, whole_reply: str
) -> None:
    async with desk.reading() as reader:
        former = desk.instance.child(WORKER)
        with unattended(desk.instance):
            former.terminate()
            eventually(lambda: gone(former))
            assert job(desk.instance, reader) == ("queued", 1, 0)
    assert_whole(reader, whole_reply)
    assert [start.data["attempt"] for start in reader.named("message_start")] == [1, 2]
    assert job(desk.instance, reader) == ("succeeded", 2, 0)


async def test_while_the_api_is_killed_callers_wait_and_a_reader_resumes_without_loss_or_repetition(
    desk: Desk, whole_reply: str
) -> None:
    async with desk.reading() as reader:
        kill(desk.instance, API)
        await desk.visitor()
    assert_whole(reader, whole_reply)
    assert reader.connections == 2
    assert len(reader.named("message_start")) == 1
    assert "".join(delta.data["text_chunk"] for delta in reader.named("delta")) == whole_reply
    assert len({event.id for event in reader.events}) == len(reader.events)


async def test_a_killed_valkey_costs_the_reader_nothing(desk: Desk, whole_reply: str) -> None:
    async with desk.reading() as reader:
        kill(desk.instance, VALKEY)
    assert_whole(reader, whole_reply)


async def test_a_flushed_valkey_costs_the_reader_nothing(desk: Desk, whole_reply: str) -> None:
    async with desk.reading() as reader:
        flush(desk.instance)
    assert_whole(reader, whole_reply)


async def test_a_reader_who_comes_after_the_flush_is_told_all_from_the_beginning(desk: Desk, whole_reply: str) -> None:
    async with desk.reading() as reader, asyncio.TaskGroup() as group:
        flush(desk.instance)
        late = Reader(desk.client, reader.visitor)
        group.create_task(late.follow())
    assert_whole(reader, whole_reply)
    assert_whole(late, whole_reply)


async def test_while_redis_is_away_a_connected_reader_sees_the_reply_to_its_end(desk: Desk, whole_reply: str) -> None:
    async with desk.reading() as reader:
        with unattended(desk.instance):
            kill(desk.instance, VALKEY)
            await until(reader.done)
    assert_whole(reader, whole_reply)
    assert reader.connections == 1


async def test_without_redis_a_visitor_is_answered_a_little_later(desk: Desk, whole_reply: str) -> None:
    visitor = await desk.visitor()
    with unattended(desk.instance):
        kill(desk.instance, VALKEY)
        posted = await visitor.say(QUESTION)

        async def answered() -> bool:
            return len((await visitor.messages())["items"]) == 2

        await until(answered)
        await until(lambda: desk.says("redis", "unhealthy", ready=True))
    assert posted.status_code == 201
    assert (await visitor.messages())["items"][-1]["content"] == whole_reply


async def test_without_postgresql_requests_are_503_and_all_goes_on_when_it_is_back(
    desk: Desk, whole_reply: str
) -> None:
    processes = [desk.instance.child(API), desk.instance.child(WORKER)]
    with unattended(desk.instance):
        kill(desk.instance, POSTGRES)
        answer = await desk.client.get("/api/v1/public/workspaces/harbour-studio")
        await until(lambda: desk.says("database", "unhealthy", ready=False))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["content-type"] == "application/problem+json"
    await until(desk.healthy)
    assert [desk.instance.child(API), desk.instance.child(WORKER)] == processes
    assert await (await desk.visitor()).ask(QUESTION) == whole_reply


async def test_what_could_not_be_posted_without_postgresql_is_posted_once_by_the_same_key(
    desk: Desk, whole_reply: str
) -> None:
    visitor, key = await desk.visitor(), {"Idempotency-Key": "once"}
    with unattended(desk.instance):
        kill(desk.instance, POSTGRES)
        refused = [await visitor.say(QUESTION, headers=key) for _ in range(3)]
    await until(desk.healthy)
    posted = [await visitor.say(QUESTION, headers=key) for _ in range(3)]
    assert [answer.status_code for answer in [*refused, *posted]] == [503] * 3 + [201] * 3
    assert {answer.headers["content-type"] for answer in refused} == {"application/problem+json"}
    assert len({answer.content for answer in posted}) == 1
    reader = Reader(desk.client, visitor)
    await reader.follow()
    assert_whole(reader, whole_reply)
    assert [message["role"] for message in (await visitor.messages())["items"]] == ["visitor", "assistant"]


async def test_a_killed_postgresql_delays_a_reply_that_is_being_made(desk: Desk, whole_reply: str) -> None:
    async with desk.reading() as reader:
        kill(desk.instance, POSTGRES)
    assert_whole(reader, whole_reply)
