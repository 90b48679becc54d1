import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.memory.jobs import MemoryJobs
from adapters.memory.table import Transaction
from adapters.memory.unit_of_work import MemoryUnitOfWork
from application.conversations.post_message import PostedMessage, PostMessage, PostMessageCommand
from domain.conversations import (
    CONTENT_LENGTH,
    ConversationClosed,
    ConversationStatus,
    HandledBy,
    IfBusy,
    MessageRole,
    RunInProgress,
    RunStatus,
    TooManyWaiting,
)
from domain.errors import Invalid, NotFound, Unavailable
from domain.jobs import CANCELS_TOPIC, JOBS_TOPIC, Claim, Job, JobStatus
from tests.application.world import Visit, World, job_of


def statuses(world: World) -> list[RunStatus]:
    runs = world.store.runs.rows.values()
    return [run.status for run in sorted(runs, key=lambda run: run.turn)]


def things(world: World) -> tuple[int, int, int]:
    return len(world.store.messages.rows), len(world.store.runs.rows), len(world.store.jobs.rows)


async def test_message_run_and_job_exist_together(world: World) -> None:
    visit = await world.visit()
    posted = await world.say(visit, "  What does it cost?  ")

    run = world.run_for(posted)
    assert (posted.message.content, posted.message.role) == ("What does it cost?", MessageRole.VISITOR)
    assert (run.message_id, run.status, run.turn) == (posted.message.id, RunStatus.QUEUED, 1)
    job = world.job(run.job_id)
    assert (job.status, job.payload["run_id"], job.workspace_id) == (JobStatus.QUEUED, str(run.id), run.workspace_id)


async def test_workers_and_followers_are_rung(world: World) -> None:
    visit = await world.visit()
    topic = f"conversation:{visit.conversation_id}"
    async with world.bell.listen(JOBS_TOPIC) as workers, world.bell.listen(topic) as followers:
        await world.say(visit)

        assert await workers.heard(0)
        assert await followers.heard(0)


@pytest.mark.parametrize("content", ["", " \n ", "x" * (CONTENT_LENGTH + 1), "nul \0", "half \ud83d"])
async def test_content_that_cannot_be_taken_leaves_nothing(world: World, content: str) -> None:
    visit = await world.visit()

    with pytest.raises(Invalid):
        await world.say(visit, content)
    assert things(world) == (0, 0, 0)


class JobsOutOfReach(MemoryJobs):
    """The last statement of a post fails."""

    @override
    async def add(self, job: Job) -> None:
        raise Unavailable


async def test_a_post_whose_job_cannot_be_stored_leaves_nothing(world: World) -> None:
    visit = await world.visit()

    @asynccontextmanager
    async def begin(claim: Claim | None = None) -> AsyncGenerator[MemoryUnitOfWork, None]:
        async with world.begin(claim) as work:
            work.jobs = JobsOutOfReach(world.store, Transaction(world.store.locks), world.clock)
            yield work

    command = PostMessageCommand(conversation_id=visit.conversation_id, content="Hello?")
    with pytest.raises(Unavailable):
        await PostMessage(begin, world.origins, world.clock)(visit.caller, command)
    assert things(world) == (0, 0, 0)
    assert "message.posted" not in world.happened()
    assert world.store.conversations.rows[visit.conversation_id].message_count == 0


async def test_messages_wait_in_order_and_a_sixth_does_not(world: World) -> None:
    visit = await world.visit()
    first = await world.say(visit)
    await world.claim()
    waiting = [await world.say(visit, f"Waiting {number}") for number in range(5)]

    with pytest.raises(TooManyWaiting):
        await world.say(visit, "One too many")

    numbers = [world.run_for(posted).turn for posted in (first, *waiting)]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert len(world.said(visit)) == 6


async def test_replies_to_waiting_messages_are_made_one_after_the_other(world: World) -> None:
    visit = await world.visit()
    for number in range(3):
        await world.say(visit, f"Question {number}")
    claim = await world.claim()

    assert await world.queue.claim(["generate_reply"], 5, timedelta(seconds=30)) == []
    assert world.run(job_of(claim).run_id).turn == 1


async def test_of_two_posted_at_once_the_one_that_comes_first_is_answered_first(world: World) -> None:
    visit = await world.visit()
    post = PostMessage(world.begin, world.origins, world.clock)
    command = PostMessageCommand(conversation_id=visit.conversation_id, content="Came late to the lock")
    async with asyncio.TaskGroup() as group, world.begin() as holder:
        await holder.conversations.lock(visit.conversation_id)
        late = group.create_task(post(visit.caller, command))
        await asyncio.sleep(0)
        held_until = world.clock.advance(timedelta(seconds=1))

    run = world.run_for(late.result())
    assert late.result().message.created_at == run.created_at == world.job(run.job_id).created_at == held_until


async def test_reject_is_refused_while_a_reply_is_made_or_waits(world: World) -> None:
    visit = await world.visit()
    await world.say(visit, if_busy=IfBusy.REJECT)

    with pytest.raises(RunInProgress):
        await world.say(visit, if_busy=IfBusy.REJECT)
    await world.claim()
    with pytest.raises(RunInProgress):
        await world.say(visit, if_busy=IfBusy.REJECT)
    assert things(world) == (1, 1, 1)


async def test_interrupt_stops_the_running_cancels_the_waiting_and_comes_next(world: World) -> None:
    visit = await world.visit()
    running, *waiting = [await world.say(visit, f"Question {number}") for number in range(3)]
    claim = await world.claim()
    async with world.bell.listen(CANCELS_TOPIC) as worker:
        posted = await world.say(visit, "Rather this", IfBusy.INTERRUPT)

        assert await worker.heard(0)
    assert world.job(claim.job_id).cancel_asked
    assert [world.run_for(each).status for each in waiting] == [RunStatus.CANCELLED] * 2
    assert _jobs(world, waiting) == [JobStatus.CANCELLED] * 2
    assert world.run_for(running).turn < world.run_for(posted).turn == 4
    assert statuses(world)[-1] is RunStatus.QUEUED
    assert world.happened().count("run.cancelled") == 2


async def test_interrupt_makes_room_where_all_places_are_taken(world: World) -> None:
    visit = await world.visit()
    for number in range(6):
        await world.say(visit, f"Question {number}")
    await world.claim()
    await world.say(visit, "Rather this", IfBusy.INTERRUPT)

    assert statuses(world) == [RunStatus.QUEUED, *[RunStatus.CANCELLED] * 5, RunStatus.QUEUED]


async def test_interrupt_with_nothing_to_interrupt_is_a_post(world: World) -> None:
    visit = await world.visit()
    await world.say(visit, "Hello?", IfBusy.INTERRUPT)

    assert statuses(world) == [RunStatus.QUEUED]
    assert "job.cancelled" not in world.happened()


async def test_a_closed_conversation_takes_nothing_and_stops_nothing(world: World) -> None:
    visit = await world.visit()
    await world.say(visit)
    conversation = world.store.conversations.rows[visit.conversation_id]
    world.store.conversations.rows[visit.conversation_id] = replace(conversation, status=ConversationStatus.CLOSED)

    with pytest.raises(ConversationClosed):
        await world.say(visit, "Still there?", IfBusy.INTERRUPT)
    assert statuses(world) == [RunStatus.QUEUED]
    assert things(world) == (1, 1, 1)


async def test_while_a_person_handles_the_conversation_the_assistant_is_silent(world: World) -> None:
    visit = await world.visit()
    conversation = world.store.conversations.rows[visit.conversation_id]
    world.store.conversations.rows[visit.conversation_id] = replace(conversation, handled_by=HandledBy.HUMAN)
    posted = await world.say(visit, "Is anyone there?")

    assert (posted.run, posted.message.content) == (None, "Is anyone there?")
    assert things(world) == (1, 0, 0)


async def test_in_a_workspace_that_is_not_active_nothing_is_said(world: World) -> None:
    visit = await world.visit()
    silenced = replace(visit.caller, may_speak=False)

    with pytest.raises(NotFound):
        await world.say(Visit(caller=silenced, conversation_id=visit.conversation_id))
    assert things(world) == (0, 0, 0)


async def test_a_visitor_writes_in_their_own_conversation_only(world: World) -> None:
    visit, another = await world.visit(), await world.visit()

    with pytest.raises(NotFound):
        await world.say(Visit(caller=visit.caller, conversation_id=another.conversation_id))
    with pytest.raises(NotFound):
        await world.say(Visit(caller=world.stranger(), conversation_id=visit.conversation_id))
    assert things(world) == (0, 0, 0)


async def test_interrupt_keeps_what_a_run_between_two_attempts_had_said(world: World) -> None:
    visit, claim = await world.asked()
    await world.crash_after(claim, "Half an answer")
    await world.say(visit, "Rather this", IfBusy.INTERRUPT)

    assert world.said(visit) == ["Hello?", "Half an answer", "Rather this"]
    assert statuses(world) == [RunStatus.CANCELLED, RunStatus.QUEUED]


def _jobs(world: World, posted: list[PostedMessage]) -> list[JobStatus]:
    return [world.job(world.run_for(each).job_id).status for each in posted]
