from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.conversations import REPORT_UNANSWERED, Message, Run, RunErrorCode, Step
from domain.pages import InvalidCursor, encode_cursor
from tests.contracts.examples import (
    Posted,
    Tenant,
    a_companion,
    a_conversation,
    a_tenant,
    ask_again,
    ask_companion,
    erase,
    ids,
    later,
    post,
    posted_event,
    reply,
    run_started,
    say_as_member,
)
from tests.contracts.stores import Stores

REPORTED = Step(id="a", tool=REPORT_UNANSWERED, args={}, offset=0, status="ok", output=None)


async def _save(stores: Stores, run: Run) -> Run:
    async with stores.begin() as work:
        await work.runs.save(run, because=run_started(run, later(stores)))
        return await work.commit(run)


def _ignorant(stores: Stores, run: Run) -> Run:
    """The run, completed by an assistant that did not know."""
    started = run.started(1, "test:model", "reply-1", later(stores))
    return started.with_progress("I do not know.", (REPORTED,), 4).completed(later(stores))


def _failed(stores: Stores, run: Run) -> Run:
    return run.failed(RunErrorCode.TIMEOUT, later(stores))


def _cancelled(stores: Stores, run: Run) -> Run:
    return run.cancelled(later(stores))


async def _unanswered(stores: Stores, tenant: Tenant, content: str = "Do you have parking?") -> Posted:
    posted = await post(stores, await a_conversation(stores, tenant), content)
    await _save(stores, _ignorant(stores, posted.run))
    return posted


async def _shown(stores: Stores, tenant: Tenant) -> list[object]:
    return ids((await stores.unanswered.unanswered(tenant.id, None, 100)).items)


async def _blank(stores: Stores, message: Message) -> None:
    async with stores.begin() as work:
        await work.messages.save(message.blanked(later(stores)), because=posted_event(message))
        await work.commit(None)


class UnansweredContract:
    """Every `UnansweredViews`."""

    async def test_a_question_is_shown_in_the_visitors_words_with_why_it_was_not_answered(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        unknown = await _unanswered(stores, tenant, "Do you have 😀 parking?")
        broken = await post(stores, await a_conversation(stores, tenant))
        await _save(stores, _failed(stores, broken.run))
        await _unanswered(stores, await a_tenant(stores))
        second, first = (await stores.unanswered.unanswered(tenant.id, None, 10)).items
        assert (first.id, first.conversation_id, first.message_id) == (
            unknown.run.id,
            unknown.conversation.id,
            unknown.message.id,
        )
        assert (first.question, first.asked_at) == ("Do you have 😀 parking?", unknown.message.created_at)
        assert (first.reason, first.suggestion) == ("unknown", None)
        assert (second.id, second.reason) == (broken.run.id, "timeout")

    async def test_what_a_companion_did_not_know_is_not_shown(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        asked = await ask_companion(stores, await a_companion(stores, tenant), tenant)
        await _save(stores, _failed(stores, asked.run))
        assert await _shown(stores, tenant) == []

    async def test_answered_cancelled_and_waiting_questions_are_not_shown(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await reply(stores, await post(stores, await a_conversation(stores, tenant)))
        stopped = await post(stores, await a_conversation(stores, tenant))
        await _save(stores, _cancelled(stores, stopped.run))
        await post(stores, await a_conversation(stores, tenant))
        assert await _shown(stores, tenant) == []

    async def test_a_resolved_question_is_not_shown(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await _unanswered(stores, tenant)
        async with stores.begin() as work:
            run = await work.runs.get(posted.run.id)
        await _save(stores, run.resolved(later(stores)))
        assert await _shown(stores, tenant) == []

    @pytest.mark.parametrize(("end", "shown"), [(_ignorant, "again"), (_failed, "again"), (_cancelled, "first")])
    async def test_a_question_is_shown_once_by_its_last_run_that_was_not_cancelled(
        self, stores: Stores, end: Callable[[Stores, Run], Run], shown: str
    ) -> None:
        tenant = await a_tenant(stores)
        posted = await _unanswered(stores, tenant)
        again = await ask_again(stores, posted)
        await _save(stores, end(stores, again))
        assert await _shown(stores, tenant) == [again.id if shown == "again" else posted.run.id]

    async def test_a_question_that_a_later_run_answered_is_not_shown(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await _unanswered(stores, tenant)
        await reply(stores, replace(posted, run=await ask_again(stores, posted)))
        assert await _shown(stores, tenant) == []

    async def test_the_suggestion_is_what_a_member_wrote_first_after_the_question(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        await say_as_member(stores, conversation, "Good morning!")
        posted = await post(stores, conversation)
        await _save(stores, _ignorant(stores, posted.run))
        blanked = await say_as_member(stores, conversation, "Wrong.")
        await _blank(stores, blanked)
        await say_as_member(stores, conversation, "Behind the house.")
        await say_as_member(stores, conversation, "Anything else?")
        (view,) = (await stores.unanswered.unanswered(tenant.id, None, 10)).items
        assert view.suggestion == "Behind the house."

    async def test_a_question_goes_with_its_words(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        erased, blanked = await _unanswered(stores, tenant), await _unanswered(stores, tenant)
        await erase(stores, erased.conversation)
        await _blank(stores, blanked.message)
        assert await _shown(stores, tenant) == []

    async def test_questions_are_paged_newest_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        runs = [(await _unanswered(stores, tenant)).run.id for _ in range(5)]
        first = await stores.unanswered.unanswered(tenant.id, None, 2)
        await _unanswered(stores, tenant)
        second = await stores.unanswered.unanswered(tenant.id, first.next_cursor, 2)
        third = await stores.unanswered.unanswered(tenant.id, second.next_cursor, 2)
        assert [view.id for page in (first, second, third) for view in page.items] == runs[::-1]
        assert third.next_cursor is None

    @pytest.mark.parametrize("cursor", ["", "!", "e30", encode_cursor("x"), encode_cursor(1, 2), "é"])
    async def test_a_cursor_that_the_list_never_gave_is_refused(self, stores: Stores, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            await stores.unanswered.unanswered((await a_tenant(stores)).id, cursor, 10)
