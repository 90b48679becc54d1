import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from application.ports.conversations import MessageView
from domain.conversations import (
    BLANKED_TOLD,
    Channel,
    Conversation,
    ConversationStatus,
    FeedbackValue,
    HandledBy,
    Message,
    MessageRole,
    Run,
    RunErrorCode,
    RunInProgress,
    RunStatus,
    Standing,
    Step,
    ThreadExists,
    Turn,
    Usage,
)
from domain.conversations.reply_prompt import Addressee
from domain.errors import EditConflict, NotFound, Unauthenticated
from domain.identity import issue_visitor_token
from domain.ids import ConversationId, MessageId, RunId
from domain.knowledge import Source, SourceKind, passages_of
from domain.knowledge import Standing as PassageStanding
from domain.pages import InvalidCursor, encode_cursor
from domain.pricing import Cost
from domain.scheduling import ConnectorType
from domain.workspaces import Assistant, Savings, Tone
from tests.contracts.examples import (
    Posted,
    Tenant,
    a_companion,
    a_connector,
    a_conversation,
    a_service,
    a_tenant,
    ask_again,
    ask_companion,
    conversation_started,
    edited,
    erase,
    later,
    post,
    posted_event,
    refused,
    reply,
    run_started,
    say_as_member,
)
from tests.contracts.stores import Stores

STEPS = (
    Step(id="a", tool="list_services", args={}, offset=0, status="ok", output=[{"name": "Portrait", "price": None}]),
    Step(id="b", tool="search_knowledge", args={"query": "é"}, offset=3, status="error", output="It failed."),
)


async def _save_run(stores: Stores, run: Run) -> Run:
    async with stores.begin() as work:
        await work.runs.save(run, because=run_started(run, later(stores)))
        return await work.commit(run)


def _threaded(stores: Stores, tenant: Tenant, channel: Channel) -> Conversation:
    started = Conversation.started(tenant.id, None, None, later(stores))
    return replace(started, channel=channel, external_id="thread")


def _started(stores: Stores, posted: Posted, attempt: int = 1) -> Run:
    return posted.run.started(attempt, "test:model", "reply-1", later(stores))


class ConversationsContract:
    """Every `Conversations`."""

    async def test_a_conversation_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        at = later(stores)
        bare = Conversation.started(tenant.id, None, None, at)
        full = replace(
            Conversation.started(tenant.id, "Věra 😀", "vera@example.com", at),
            channel=Channel.WHATSAPP,
            external_id="thread-1",
            status=ConversationStatus.CLOSED,
            handled_by=HandledBy.HUMAN,
            handler=tenant.user.actor,
            tags=("new", "vip"),
            minutes_saved=7,
            waiting_since=at,
            unanswered_since=at,
            closed_at=at,
        )
        async with stores.begin() as work:
            for conversation in (bare, full):
                await work.conversations.add(conversation, because=conversation_started(conversation))
            await work.commit(None)
        async with stores.begin() as work:
            assert await work.conversations.lock(bare.id) == bare
            assert await work.conversations.lock(full.id) == full

    async def test_an_unknown_conversation_is_not_found(self, stores: Stores) -> None:
        unknown = Conversation.started((await a_tenant(stores)).id, None, None, later(stores))
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.conversations.lock(unknown.id)

    async def test_those_who_lock_a_conversation_wait_for_one_who_has_locked_all_of_the_workspace(
        self, stores: Stores
    ) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        conversation, elsewhere = await a_conversation(stores, tenant), await a_conversation(stores, other)
        async with stores.begin() as work:
            await work.conversations.lock_all(tenant.id)
            await post(stores, elsewhere)
            waiting = asyncio.create_task(post(stores, conversation))
            await asyncio.wait({waiting}, timeout=0.05)
            assert not waiting.done()
        assert (await waiting).message.conversation_id == conversation.id

    async def test_those_who_lock_a_conversation_wait_and_see_what_the_one_before_has_done(
        self, stores: Stores
    ) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        posted = await asyncio.gather(*(post(stores, conversation, f"Message {number}") for number in range(8)))
        assert sorted(each.message.position for each in posted) == list(range(1, 9))
        assert sorted(each.run.turn for each in posted) == list(range(1, 9))
        async with stores.begin() as work:
            now = await work.conversations.lock(conversation.id)
        assert (now.message_count, now.turns, now.version) == (8, 8, 9)

    async def test_a_version_that_was_changed_meanwhile_cannot_be_saved(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        await post(stores, conversation)
        async with refused(stores, EditConflict) as work:
            await work.conversations.save(conversation, because=tenant.edited(later(stores)))

    async def test_saving_returns_what_is_stored_now(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        changed = conversation.awaiting_person(later(stores))
        async with stores.begin() as work:
            saved = await work.conversations.save(changed, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert saved == replace(changed, version=2)
        async with stores.begin() as work:
            assert await work.conversations.lock(conversation.id) == saved

    async def test_how_far_it_is_indexed_is_marked_without_a_new_version(self, stores: Stores) -> None:
        conversation, other = [await a_conversation(stores, await a_tenant(stores)) for _ in range(2)]
        async with stores.begin() as work:
            await work.conversations.mark_indexed(conversation.id, 3)
            await work.commit(None)
        async with stores.begin() as work:
            assert await work.conversations.lock(conversation.id) == replace(conversation, indexed_messages=3)
            assert await work.conversations.lock(other.id) == other

    async def test_erasing_removes_messages_runs_and_credentials_and_keeps_the_activity(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        kept = await post(stores, await a_conversation(stores, tenant))
        posted = await post(stores, await a_conversation(stores, tenant), "My secret is planted-marker-93.")
        credential, token = issue_visitor_token(posted.conversation.id, tenant.id, later(stores))
        async with stores.begin() as work:
            await work.credentials.add(credential, because=tenant.edited(later(stores)))
            await work.commit(None)
        head = await stores.activity.head(tenant.id)
        await erase(stores, posted.conversation)
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.conversations.lock(posted.conversation.id)
            with pytest.raises(NotFound):
                await work.messages.get(posted.conversation.id, posted.message.id)
            with pytest.raises(NotFound):
                await work.runs.get(posted.run.id)
            assert await work.runs.get(kept.run.id) == kept.run
        with pytest.raises(Unauthenticated):
            await stores.callers.of_token(token.reveal())
        events = await stores.activity.after(tenant.id, 0, 100)
        assert len(events) == head + 1
        assert "planted-marker-93" not in repr(events)

    async def test_a_conversation_stands_as_it_was_saved_until_it_is_erased(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        fresh = Standing(
            status=ConversationStatus.OPEN,
            handled_by=HandledBy.ASSISTANT,
            handler=None,
            waiting=False,
            blanked=frozenset(),
        )
        assert await stores.conversations.standing(conversation.id) == fresh
        at = later(stores)
        for changed, standing in (
            (conversation.awaiting_person(at), replace(fresh, waiting=True)),
            (
                conversation.taken_over(tenant.user.actor, at),
                replace(fresh, handled_by=HandledBy.HUMAN, handler=tenant.user.actor),
            ),
            (
                conversation.edited({"status": ConversationStatus.CLOSED}, at),
                replace(fresh, status=ConversationStatus.CLOSED),
            ),
        ):
            async with stores.begin() as work:
                version = (await work.conversations.lock(conversation.id)).version
                await work.conversations.save(replace(changed, version=version), because=tenant.edited(at))
                await work.commit(None)
            assert await stores.conversations.standing(conversation.id) == standing
        await erase(stores, conversation)
        assert await stores.conversations.standing(conversation.id) is None

    async def test_a_standing_tells_the_hundred_messages_blanked_last(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        elsewhere = (await post(stores, await a_conversation(stores, tenant))).message
        kept = (await post(stores, conversation)).message
        posted = [(await post(stores, conversation, str(number))).message for number in range(BLANKED_TOLD + 1)]
        at = later(stores)
        async with stores.begin() as work:
            for seconds, message in enumerate((elsewhere, *posted)):
                blanked = message.blanked(at + timedelta(seconds=seconds))
                await work.messages.save(blanked, because=tenant.edited(at))
            await work.commit(None)
        standing = await stores.conversations.standing(conversation.id)
        assert standing
        assert standing.blanked == {message.id for message in posted[1:]}
        assert kept.id not in standing.blanked

    async def test_nothing_can_be_added_to_an_erased_conversation(self, stores: Stores) -> None:
        posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
        await erase(stores, posted.conversation)
        async with refused(stores, NotFound) as work:
            await work.messages.add(posted.message, because=posted_event(posted.message))

    async def test_nobody_finds_what_was_said_in_an_erased_conversation(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted, elsewhere = [await post(stores, await a_conversation(stores, tenant)) for _ in range(2)]
        document = Source(SourceKind.DOCUMENT, posted.message.id)
        kinds = (SourceKind.MESSAGE, SourceKind.VISITOR_MESSAGE)
        sources = [Source(kind, each.message.id) for each in (posted, elsewhere) for kind in kinds]
        async with stores.begin() as work:
            for source in (document, *sources):
                said = passages_of(tenant.id, source, "What does it cost?", later(stores))
                await work.passages.replace(tenant.id, source, said, PassageStanding(at=later(stores)), "en")
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        await erase(stores, posted.conversation)
        async with stores.begin() as work:
            left = [len(await work.passages.of(source)) for source in (document, *sources)]
        assert left == [1, 0, 0, 1, 1]

    async def test_an_erased_conversation_shows_nothing(self, stores: Stores) -> None:
        posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
        await erase(stores, posted.conversation)
        assert (await stores.conversations.messages(posted.conversation.id, None, 10)).items == []
        assert await stores.conversations.run(posted.run.id) is None
        assert list(await stores.conversations.turns_from(posted.conversation.id, None)) == []
        assert await stores.conversations.place_of(posted.conversation.id) is None
        assert await stores.conversations.reply_facts(posted.run) is None

    async def test_a_thread_of_a_channel_has_one_conversation_in_its_workspace(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        first = _threaded(stores, tenant, Channel.SMS)
        elsewhere = [_threaded(stores, tenant, Channel.WHATSAPP), _threaded(stores, other, Channel.SMS)]
        async with stores.begin() as work:
            for conversation in (first, *elsewhere):
                await work.conversations.add(conversation, because=conversation_started(conversation))
            await work.commit(None)
        second = _threaded(stores, tenant, Channel.SMS)
        async with refused(stores, ThreadExists) as work:
            await work.conversations.add(second, because=conversation_started(second))

    async def test_a_thread_is_found_in_its_workspace_and_on_its_channel_alone(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        conversation = _threaded(stores, tenant, Channel.SMS)
        async with stores.begin() as work:
            await work.conversations.add(conversation, because=conversation_started(conversation))
            await work.commit(None)
        async with stores.begin() as work:
            assert await work.conversations.lock_thread(tenant.id, Channel.SMS, "thread") == conversation
            assert await work.conversations.lock_thread(tenant.id, Channel.WHATSAPP, "thread") is None
            assert await work.conversations.lock_thread(other.id, Channel.SMS, "thread") is None
            assert await work.conversations.lock_thread(tenant.id, Channel.SMS, "Thread") is None
        await erase(stores, conversation)
        async with stores.begin() as work:
            assert await work.conversations.lock_thread(tenant.id, Channel.SMS, "thread") is None

    async def test_those_who_lock_a_thread_wait_and_see_what_the_one_before_has_done(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = _threaded(stores, tenant, Channel.SMS)
        async with stores.begin() as work:
            await work.conversations.add(conversation, because=conversation_started(conversation))
            await work.commit(None)

        async def raise_turns() -> None:
            async with stores.begin() as work:
                locked = await work.conversations.lock_thread(tenant.id, Channel.SMS, "thread")
                assert locked is not None
                await asyncio.sleep(0)
                changed = replace(locked, turns=locked.turns + 1)
                await work.conversations.save(changed, because=tenant.edited(later(stores)))
                await work.commit(None)

        await asyncio.gather(*(raise_turns() for _ in range(5)))
        async with stores.begin() as work:
            assert (await work.conversations.lock(conversation.id)).turns == 5

    async def test_of_two_first_messages_of_a_thread_at_once_one_begins_it(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        both_looked = asyncio.Barrier(2)

        async def begin() -> None:
            conversation = _threaded(stores, tenant, Channel.SMS)
            async with stores.begin() as work:
                assert await work.conversations.lock_thread(tenant.id, Channel.SMS, "thread") is None
                await both_looked.wait()
                await work.conversations.add(conversation, because=conversation_started(conversation))
                await work.commit(None)

        answers = await asyncio.gather(begin(), begin(), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "ThreadExists"]


class MessagesContract:
    """Every `Messages`."""

    async def test_a_message_is_stored_as_it_was(self, stores: Stores) -> None:
        posted = await post(stores, await a_conversation(stores, await a_tenant(stores)), "Kolik? 😀\n\ttab")
        answer = await reply(stores, posted)
        async with stores.begin() as work:
            assert await work.messages.get(posted.conversation.id, posted.message.id) == posted.message
            assert await work.messages.get(posted.conversation.id, answer.id) == answer

    async def test_a_message_of_another_conversation_is_not_found(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant))
        other = await a_conversation(stores, tenant)
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.messages.get(other.id, posted.message.id)
            with pytest.raises(NotFound):
                await work.messages.get(posted.conversation.id, MessageId(uuid4()))

    async def test_a_message_is_found_by_its_id_on_its_channel_in_its_conversation_alone(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation, other = await a_conversation(stores, tenant), await a_conversation(stores, tenant)
        said, message = conversation.said_by_visitor("Hello", later(stores), external_id="wamid.1")
        async with stores.begin() as work:
            await work.messages.add(message, because=posted_event(message))
            await work.conversations.save(said)
            await work.commit(None)
        async with stores.begin() as work:
            assert await work.messages.by_external_id(conversation.id, "wamid.1") == message
            assert await work.messages.by_external_id(conversation.id, "wamid.2") is None
            assert await work.messages.by_external_id(other.id, "wamid.1") is None

    async def test_what_was_said_later_in_a_role_comes_in_order_the_first_first(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        posted = [await post(stores, conversation, f"Message {number}") for number in range(4)]
        answer = await reply(stores, posted[0])
        await post(stores, await a_conversation(stores, await a_tenant(stores)))
        _, first, second, third = [each.message for each in posted]
        async with stores.begin() as work:
            assert list(await work.messages.later(posted[0].message, MessageRole.VISITOR, 2)) == [first, second]
            assert list(await work.messages.later(second, MessageRole.VISITOR, 2)) == [third]
            assert list(await work.messages.later(second, MessageRole.ASSISTANT, 2)) == [answer]
            assert list(await work.messages.later(third, MessageRole.VISITOR, 2)) == []

    async def test_the_messages_behind_a_position_come_in_order_whoever_wrote_them(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        posted = [await post(stores, conversation, f"Message {number}") for number in range(2)]
        answer = await reply(stores, posted[0])
        await post(stores, await a_conversation(stores, await a_tenant(stores)))
        first, second = [each.message for each in posted]
        async with stores.begin() as work:
            assert list(await work.messages.after(conversation.id, 0, 2)) == [first, second]
            assert list(await work.messages.after(conversation.id, first.position, 9)) == [second, answer]
            assert list(await work.messages.after(conversation.id, answer.position, 9)) == []

    async def test_content_and_metadata_of_a_message_are_replaced_and_nothing_else(self, stores: Stores) -> None:
        posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
        answer = await reply(stores, posted)
        rated = answer.rated(FeedbackValue.UP, "Fine.", later(stores))
        blanked = rated.blanked(later(stores))
        for changed in (rated, blanked):
            async with stores.begin() as work:
                await work.messages.save(replace(changed, position=99), because=posted_event(changed))
                await work.commit(None)
            async with stores.begin() as work:
                assert await work.messages.get(posted.conversation.id, answer.id) == changed

    async def test_a_message_that_is_gone_cannot_be_saved(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant))
        elsewhere = replace(posted.message, conversation_id=(await a_conversation(stores, tenant)).id)
        async with refused(stores, NotFound) as work:
            await work.messages.save(elsewhere, because=posted_event(elsewhere))
        await erase(stores, posted.conversation)
        async with refused(stores, NotFound) as work:
            await work.messages.save(posted.message, because=posted_event(posted.message))


class RunsContract:
    """Every `Runs`."""

    async def test_the_runs_that_answer_a_message_are_told_in_order(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        posted, other = [await post(stores, conversation) for _ in range(2)]
        again = await ask_again(stores, posted)
        async with stores.begin() as work:
            assert list(await work.runs.answering(posted.message)) == [posted.run, again]
            assert list(await work.runs.answering(other.message)) == [other.run]

    async def test_the_runs_of_a_conversation_are_told_in_order_of_turns(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation, other = await a_conversation(stores, tenant), await a_conversation(stores, tenant)
        runs = [(await post(stores, conversation)).run.id for _ in range(12)]
        async with stores.begin() as work:
            assert list(await work.runs.ids(conversation.id)) == runs
            assert list(await work.runs.ids(other.id)) == []

    async def test_a_run_is_stored_as_it_was_in_each_of_its_states(self, stores: Stores) -> None:
        posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
        running = _started(stores, posted, attempt=2).with_progress("12", STEPS, 5)
        usage = Usage(input_tokens=10, output_tokens=None, cost=Cost(amount="0.001", currency="USD"))
        paid = replace(running, usage=usage)
        for run in (running, paid.with_progress("120 😀", STEPS, 7).completed(later(stores))):
            await _save_run(stores, run)
            assert await stores.conversations.run(run.id) == run
            async with stores.begin() as work:
                assert await work.runs.get(run.id) == run

    async def test_a_failed_run_keeps_its_error(self, stores: Stores) -> None:
        posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
        failed = await _save_run(stores, posted.run.failed(RunErrorCode.TIMEOUT, later(stores)))
        assert await stores.conversations.run(failed.id) == failed

    async def test_an_unknown_run_is_not_found(self, stores: Stores) -> None:
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.runs.get(RunId(uuid4()))

    async def test_the_active_runs_are_those_that_have_not_ended_in_order(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        posted = [await post(stores, conversation, f"Message {number}") for number in range(4)]
        await post(stores, await a_conversation(stores, tenant))
        await _save_run(stores, posted[0].run.cancelled(later(stores)))
        running = await _save_run(stores, _started(stores, posted[1]))
        await _save_run(stores, posted[2].run.failed(RunErrorCode.INTERNAL, later(stores)))
        async with stores.begin() as work:
            assert list(await work.runs.active(conversation.id)) == [running, posted[3].run]

    async def test_a_second_running_run_of_a_conversation_is_refused(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        first, second = await post(stores, conversation), await post(stores, conversation)
        await _save_run(stores, _started(stores, first))
        with pytest.raises(RunInProgress):
            await _save_run(stores, _started(stores, second))
        other = await post(stores, await a_conversation(stores, tenant))
        assert (await _save_run(stores, _started(stores, other))).status is RunStatus.RUNNING

    async def test_of_two_runs_started_at_once_one_runs(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        posted = [await post(stores, conversation) for _ in range(2)]
        answers = await asyncio.gather(
            *(_save_run(stores, _started(stores, each)) for each in posted), return_exceptions=True
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Run", "RunInProgress"]

    async def test_a_running_run_can_be_started_again(self, stores: Stores) -> None:
        posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
        running = await _save_run(stores, _started(stores, posted).with_progress("12", STEPS, 4))
        again = await _save_run(stores, running.started(2, "test:model", "reply-1", later(stores)))
        run = await stores.conversations.run(again.id)
        assert run is not None
        assert (run.attempt, run.text, run.steps, run.last_sequence) == (2, "", (), 0)

    async def test_a_checkpoint_replaces_a_run_without_an_event(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant))
        running = await _save_run(stores, _started(stores, posted))
        head = await stores.activity.head(tenant.id)
        grown = running.with_progress("It costs", STEPS, 9)
        async with stores.begin() as work:
            await work.runs.checkpoint(grown)
            await work.commit(None)
        assert await stores.conversations.run(grown.id) == grown
        assert await stores.activity.head(tenant.id) == head


class ConversationViewsContract:
    """Every `ConversationViews`."""

    async def _talk(self, stores: Stores, tenant: Tenant) -> tuple[Conversation, list[Message]]:
        conversation = await a_conversation(stores, tenant)
        said: list[Message] = []
        for number in range(3):
            posted = await post(stores, conversation, f"Question {number}")
            said += [posted.message, await reply(stores, posted, f"Answer {number}")]
        return conversation, said

    async def test_messages_are_paged_oldest_first_and_polling_goes_on(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation, said = await self._talk(stores, tenant)
        await self._talk(stores, tenant)
        views = [MessageView.of(message) for message in said]
        first = await stores.conversations.messages(conversation.id, None, 4)
        second = await stores.conversations.messages(conversation.id, first.next_cursor, 4)
        third = await stores.conversations.messages(conversation.id, second.next_cursor, 4)
        assert [*first.items, *second.items] == views
        assert list(third.items) == []
        posted = await post(stores, conversation, "One more")
        fourth = await stores.conversations.messages(conversation.id, third.next_cursor, 4)
        assert list(fourth.items) == [MessageView.of(posted.message)]

    async def test_an_empty_conversation_can_be_polled(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        empty = await stores.conversations.messages(conversation.id, None, 10)
        assert list(empty.items) == []
        posted = await post(stores, conversation)
        page = await stores.conversations.messages(conversation.id, empty.next_cursor, 10)
        assert list(page.items) == [MessageView.of(posted.message)]

    async def test_messages_after_one_that_is_named_by_its_id(self, stores: Stores) -> None:
        conversation, said = await self._talk(stores, await a_tenant(stores))
        page = await stores.conversations.messages(conversation.id, str(said[3].id), 10)
        assert [view.id for view in page.items] == [message.id for message in said[4:]]
        last = await stores.conversations.messages(conversation.id, str(said[-1].id), 10)
        assert list(last.items) == []
        assert last.next_cursor is not None

    @pytest.mark.parametrize(
        "since", ["", "!", "WzEsMl0", "e30", encode_cursor("x"), str(UUID(int=7)), "\x00", "é", "x" * 5000]
    )
    async def test_neither_a_cursor_nor_a_message_is_refused(self, stores: Stores, since: str) -> None:
        conversation, _ = await self._talk(stores, await a_tenant(stores))
        with pytest.raises(InvalidCursor):
            await stores.conversations.messages(conversation.id, since, 10)

    async def test_a_message_of_another_conversation_is_no_cursor(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        other = await post(stores, await a_conversation(stores, tenant))
        with pytest.raises(InvalidCursor):
            await stores.conversations.messages(conversation.id, str(other.message.id), 10)

    async def test_an_unknown_run_is_none(self, stores: Stores) -> None:
        assert await stores.conversations.run(RunId(uuid4())) is None

    async def test_turns_from_a_number_on_come_in_order_ten_at_most(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        assert list(await stores.conversations.turns_from(conversation.id, None)) == []
        posted = [await post(stores, conversation) for _ in range(13)]
        turns = [Turn(number, each.message, each.run) for number, each in enumerate(posted, 1)]
        assert list(await stores.conversations.turns_from(conversation.id, None)) == [turns[-1]]
        assert list(await stores.conversations.turns_from(conversation.id, 2)) == turns[1:11]
        assert list(await stores.conversations.turns_from(conversation.id, 12)) == turns[11:]
        assert list(await stores.conversations.turns_from(conversation.id, 14)) == []

    async def test_a_turn_has_a_message_or_a_run_or_both_and_never_a_reply(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        hello = await say_as_member(stores, conversation)
        assert list(await stores.conversations.turns_from(conversation.id, None)) == [Turn(1, hello, None)]
        posted = await post(stores, conversation)
        await reply(stores, posted)
        answered = Turn(2, posted.message, await stores.conversations.run(posted.run.id))
        thanks = await say_as_member(stores, conversation)
        again = await ask_again(stores, posted)
        assert list(await stores.conversations.turns_from(conversation.id, 1)) == [
            Turn(1, hello, None),
            answered,
            Turn(3, thanks, None),
            Turn(4, None, again),
        ]
        assert list(await stores.conversations.turns_from(conversation.id, None)) == [Turn(4, None, again)]
        last = await say_as_member(stores, conversation)
        newest = await stores.conversations.turns_from(conversation.id, None)
        assert list(newest) == [Turn(4, None, again), Turn(5, last, None)]

    async def test_unindexed_are_visitors_conversations_in_which_more_was_said_than_is_marked(
        self, stores: Stores
    ) -> None:
        tenant = await a_tenant(stores)
        said, marked, silent = [await a_conversation(stores, tenant) for _ in range(3)]
        for conversation in (said, marked):
            await post(stores, conversation)
        async with stores.begin() as work:
            await work.conversations.mark_indexed(marked.id, 1)
            await work.commit(None)
        companion = await a_companion(stores, tenant)
        await ask_companion(stores, companion, tenant)
        found = set(await stores.conversations.unindexed(10_000))  # more than other tests leave behind
        assert found & {said.id, marked.id, silent.id, companion.id} == {said.id}

    async def test_no_more_unindexed_conversations_are_given_than_were_asked_for(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        for _ in range(3):
            await post(stores, await a_conversation(stores, tenant))
        assert len(await stores.conversations.unindexed(2)) == 2

    async def test_where_a_conversation_belongs(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation, companion = await a_conversation(stores, tenant), await a_companion(stores, tenant)
        assert await stores.conversations.place_of(conversation.id) == (tenant.id, None)
        assert await stores.conversations.place_of(companion.id) == (tenant.id, tenant.user.id)
        assert await stores.conversations.place_of(ConversationId(uuid4())) is None

    async def test_a_companion_replies_to_its_user_as_they_want_to_be_called(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await ask_companion(stores, await a_companion(stores, tenant), tenant)
        profile = replace(tenant.user.profile, preferred_name="Addie", pronouns="she/her", timezone="Asia/Tokyo")
        async with stores.begin() as work:
            await work.users.save(replace(tenant.user, profile=profile), because=tenant.edited(later(stores)))
            await work.commit(None)
        facts = await stores.conversations.reply_facts(posted.run)
        assert facts
        assert facts.addressee == Addressee(id=tenant.user.id, name="Addie", pronouns="she/her", timezone="Asia/Tokyo")
        assert list(facts.history) == [posted.message]
        visited = await stores.conversations.reply_facts((await post(stores, await a_conversation(stores, tenant))).run)
        assert visited
        assert visited.addressee is None

    async def test_a_reply_made_once_more_sees_what_was_said_before_its_question_and_nothing_later(
        self, stores: Stores
    ) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        before = await say_as_member(stores, conversation)
        asked = await post(stores, conversation, "The first?")
        await post(stores, conversation, "The second?")
        again = await ask_again(stores, asked)
        facts = await stores.conversations.reply_facts(again)
        assert facts is not None
        assert list(facts.history) == [before, asked.message]

    async def test_the_facts_of_a_reply(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assistant = Assistant(instructions="Be brief.", suggested_questions=("When?",))
        await edited(
            stores,
            tenant,
            public_name="Harbour Studio",
            description="By the sea.",
            tone=Tone.CASUAL,
            language="cs",
            timezone="Europe/Prague",
            assistant=assistant,
            savings=Savings(minutes_per_answer=7, minutes_per_booking=11),
        )
        services = [await a_service(stores, tenant, 1), await a_service(stores, tenant, 0)]
        await a_service(stores, tenant, 2, active=False)
        await a_connector(stores, tenant, url="https://calendly.com/not-this")
        await a_connector(stores, tenant, type=ConnectorType.LINK, url="https://example.com", sealed={}, active=True)
        posted = await post(stores, await a_conversation(stores, tenant))
        facts = await stores.conversations.reply_facts(posted.run)
        assert facts is not None
        assert (facts.workspace_id, facts.business_name) == (tenant.id, "Harbour Studio")
        assert (facts.description, facts.tone, facts.language) == ("By the sea.", Tone.CASUAL, "cs")
        assert (facts.timezone, facts.assistant) == ("Europe/Prague", assistant)
        assert facts.savings == Savings(minutes_per_answer=7, minutes_per_booking=11)
        assert list(facts.services) == [services[1], services[0]]
        assert (facts.booking_url, facts.booking_type) == ("https://example.com", "link")
        assert list(facts.history) == [posted.message]

    async def test_the_facts_of_a_bare_workspace(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant))
        facts = await stores.conversations.reply_facts(posted.run)
        assert facts is not None
        assert facts.business_name == tenant.workspace.name
        assert list(facts.services) == []
        assert (facts.booking_url, facts.booking_type) == (None, None)

    async def test_the_history_puts_each_reply_behind_its_question_and_ends_with_the_one_to_answer(
        self, stores: Stores
    ) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        first, second, third = [await post(stores, conversation, f"Question {number}") for number in range(3)]
        answer = await reply(stores, first)
        facts = await stores.conversations.reply_facts(second.run)
        assert facts is not None
        assert list(facts.history) == [first.message, answer, second.message]
        await reply(stores, second)
        again = await stores.conversations.reply_facts(second.run)
        assert again is not None
        assert list(again.history) == [first.message, answer, second.message]
        assert third.message not in again.history

    async def test_the_history_is_the_newest_hundred_messages(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        said: list[Message] = []
        async with stores.begin() as work:
            locked = await work.conversations.lock(conversation.id)
            for number in range(104):
                locked, message = locked.said_by_visitor(f"Message {number}", later(stores) + timedelta(seconds=1))
                await work.messages.add(message, because=posted_event(message))
                said.append(message)
            await work.conversations.save(locked)
            await work.commit(None)
        posted = await post(stores, conversation, "The last")
        facts = await stores.conversations.reply_facts(posted.run)
        assert facts is not None
        assert list(facts.history) == [*said[5:], posted.message]
