"""Each process is killed while a reply is being made; the reader sees the whole reply all the same."""

import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import psycopg

from tests.processes import Instance, eventually, gone
from tests.survival.conftest import QUESTION, Desk, Reader, assert_whole, until

API, WORKER, POSTGRES, VALKEY = "--sockets", "slow_worker.py", "postgres", "valkey-server"


def addresses(instance: Instance) -> list[str]:
    return (instance.home / "run" / "addresses").read_text(encoding="utf-8").split()


def flush(instance: Instance) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(addresses(instance)[1].removeprefix("unix://"))
        connection.sendall(b"FLUSHALL\r\n")
        assert connection.recv(10) == b"+OK\r\n"


@contextmanager
def unattended(instance: Instance) -> Generator[None]:
    """What dies is not started again meanwhile."""
    instance.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        instance.process.send_signal(signal.SIGCONT)


def kill(instance: Instance, mark: str) -> None:
    child = instance.child(mark)
    child.kill()
    eventually(lambda: gone(child))


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


async def test_a_killed_postgresql_delays_a_reply_that_is_being_made(desk: Desk, whole_reply: str) -> None:
    async with desk.reading() as reader:
        kill(desk.instance, POSTGRES)
    assert_whole(reader, whole_reply)
