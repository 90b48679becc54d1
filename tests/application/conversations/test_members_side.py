from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from adapters.memory.conversation_lists import MemoryConversationLists
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.ask_a_person import AskAPerson
from application.conversations.blank_message import BlankMessage
from application.conversations.list_conversations import ListConversations
from application.conversations.post_message import PostedMessage
from application.conversations.read_conversation import ReadConversation
from application.conversations.read_messages import ReadMessages
from application.conversations.read_own_conversation import ReadOwnConversation
from application.conversations.remove_conversation import RemoveConversation
from application.ports.conversation_lists import ConversationFilters
from domain.access import Caller, Role
from domain.conversations import (
    Channel,
    ConversationChanges,
    ConversationClosed,
    ConversationStatus,
    HandledBy,
    RunStatus,
)
from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.ids import ConversationId, MessageId, new_id
from domain.jobs import JobStatus
from domain.webhooks import Webhook
from tests.application.conversations.members import Side, a_member, stored, told
from tests.application.conversations.script import calling, saying
from tests.application.doubles import ActingLanguageModel
from tests.application.world import Visit, World
from tests.contracts.run_log import frames_of


def maria(world: World, visit: Visit) -> Side:
    return Side(world, visit, a_member(world, visit))


async def blank(world: World, caller: Caller, message_id: MessageId) -> None:
    await BlankMessage(world.begin, world.conversations, world.log, world.clock)(caller, message_id)


async def test_a_members_message_says_how_long_the_visitor_waited(world: World) -> None:
    visit = await world.visit()
    await world.say(visit, "Anyone?")
    world.clock.advance(timedelta(seconds=90))
    member = maria(world, visit)
    posted, again = await member.say(), await member.say("Still here?")

    assert (posted.run, posted.message.author, posted.message.position) == (None, member.caller.actor, 2)
    assert again.message.position == 3
    events = told(world, visit, "message.posted")[1:]
    assert [event.data["response_seconds"] for event in events] == [90, None]
    assert [event.data["role"] for event in events] == ["member", "member"]
    assert [event.actor for event in events] == [member.caller.actor] * 2


async def test_a_members_message_takes_nothing_over_and_stops_no_reply(world: World) -> None:
    visit, claim = await world.asked()
    await AskAPerson(world.begin, world.clock)(visit.caller, visit.conversation_id)
    await maria(world, visit).say()

    assert not world.job(claim.job_id).cancel_asked
    assert (stored(world, visit).handled_by, stored(world, visit).waiting_since) == (HandledBy.ASSISTANT, None)
    await world.reply(claim, ScriptedLanguageModel(saying("And the assistant.")))
    assert world.said(visit) == ["Hello?", "Maria here.", "And the assistant."]


async def test_a_members_message_leaves_for_the_channel_of_its_conversation_once_if_it_is_not_the_web(
    world: World,
) -> None:
    on_the_web, elsewhere = await world.visit(), await world.visit()
    thread = replace(stored(world, elsewhere), channel=Channel.WHATSAPP, external_id="thread-1")
    world.store.conversations.rows[thread.id] = thread
    for visit in (on_the_web, elsewhere):
        workspace_id, at = stored(world, visit).workspace_id, world.clock.now()
        world.store.webhooks.rows[workspace_id] = Webhook(
            workspace_id=workspace_id, url="https://bridge.example/", sealed=b"sealed", created_at=at, updated_at=at
        )
    await maria(world, on_the_web).say()
    posted = await maria(world, elsewhere).say()

    (delivery,) = world.store.deliveries.rows.values()
    assert (delivery.conversation_id, delivery.message_id) == (thread.id, posted.message.id)
    assert world.job(delivery.job_id).status is JobStatus.QUEUED


async def test_a_member_says_nothing_in_a_closed_conversation(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    await member.edit({"status": ConversationStatus.CLOSED})
    with pytest.raises(ConversationClosed, match="Open it again first"):
        await member.say()
    await member.edit({"status": ConversationStatus.OPEN})
    assert (await member.say()).message.content == "Maria here."


async def test_only_those_who_may_write_say_something(world: World) -> None:
    visit = await world.visit()
    with pytest.raises(Forbidden):
        await Side(world, visit, a_member(world, visit, role=Role.VIEWER)).say()
    for caller in (world.stranger(), visit.caller):
        with pytest.raises(NotFound):
            await Side(world, visit, caller).say()
    with pytest.raises(Invalid):
        await maria(world, visit).say(" ")
    assert world.said(visit) == []


async def test_an_edit_names_what_it_changed(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    view = await member.edit({"status": ConversationStatus.OPEN, "tags": ["vip"]}, expected=1)

    assert (view.tags, view.version) == (("vip",), 2)
    closed = await member.edit({"status": ConversationStatus.CLOSED, "tags": ["vip"]})
    assert closed.closed_at == world.clock.now()
    data = [event.data for event in told(world, visit, "conversation.edited")]
    assert [(each["fields"], each["status"]) for each in data] == [(["tags"], "open"), (["status"], "closed")]


async def test_an_edit_of_nothing_changes_nothing(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    await member.edit({"tags": ["vip"]})
    nothing: list[ConversationChanges] = [{}, {"tags": ["vip"]}, {"status": ConversationStatus.OPEN}]
    for changes in nothing:
        assert (await member.edit(changes)).version == 2
    assert len(told(world, visit, "conversation.edited")) == 1
    with pytest.raises(Stale):
        await member.edit({}, expected=1)


async def test_only_those_who_may_write_edit_or_erase(world: World) -> None:
    visit = await world.visit()
    remove = RemoveConversation(world.begin, world.log, world.clock)
    viewer = a_member(world, visit, role=Role.VIEWER)
    with pytest.raises(Forbidden):
        await Side(world, visit, viewer).edit({"tags": ["vip"]})
    with pytest.raises(Forbidden):
        await remove(viewer, visit.conversation_id)
    for caller in (world.stranger(), visit.caller):
        with pytest.raises(NotFound):
            await Side(world, visit, caller).edit({"tags": ["vip"]})
        with pytest.raises(NotFound):
            await remove(caller, visit.conversation_id)
    assert stored(world, visit).version == 1


async def test_a_member_erases_all_of_a_conversation_and_its_logs(world: World) -> None:
    visit, claim = await world.asked("I am Grace")
    run = await world.reply(claim, ScriptedLanguageModel(saying("Hello Grace.")))
    member = maria(world, visit)
    remove = RemoveConversation(world.begin, world.log, world.clock)
    with pytest.raises(Stale):
        await remove(member.caller, visit.conversation_id, 99)
    await remove(member.caller, visit.conversation_id, stored(world, visit).version)

    assert "Grace" not in repr([world.store.conversations.rows, world.store.messages.rows, world.store.runs.rows])
    assert not world.store.credentials.rows
    assert await frames_of(world.log, run.id) == []
    (last,) = world.events(run.workspace_id)[-1:]
    assert (last.type, last.actor) == ("conversation.erased", member.caller.actor)
    with pytest.raises(NotFound):
        await remove(member.caller, visit.conversation_id)


async def test_whoever_may_read_sees_the_list_the_conversation_and_its_messages(world: World) -> None:
    visit, claim = await world.asked("What does it cost?")
    await world.reply(claim, ScriptedLanguageModel(saying("60 €.")))
    lists = MemoryConversationLists(world.store)
    workspace_id = stored(world, visit).workspace_id
    viewer = a_member(world, visit, role=Role.VIEWER)
    page = await ListConversations(lists)(viewer, workspace_id, ConversationFilters(), None, 10)
    view = await ReadConversation(lists)(viewer, visit.conversation_id)
    messages = await ReadMessages(world.conversations)(viewer, visit.conversation_id, None, 10)

    assert list(page.items) == [view]
    assert page.counts.open == 1
    assert [message.content for message in messages.items] == ["What does it cost?", "60 €."]
    for caller in (world.stranger(), visit.caller):
        with pytest.raises(NotFound):
            await ListConversations(lists)(caller, workspace_id, ConversationFilters(), None, 10)
        with pytest.raises(NotFound):
            await ReadConversation(lists)(caller, visit.conversation_id)
        with pytest.raises(NotFound):
            await ReadMessages(world.conversations)(caller, visit.conversation_id, None, 10)


async def test_a_visitor_asks_for_a_person_once_and_sees_that_they_wait(world: World) -> None:
    visit = await world.visit()
    unknown = ConversationId(uuid4())
    with pytest.raises(NotFound):
        await ReadOwnConversation(MemoryConversationLists(world.store))(
            Caller(actor=world.stranger().actor, conversation_id=unknown), unknown
        )
    ask, read = AskAPerson(world.begin, world.clock), ReadOwnConversation(MemoryConversationLists(world.store))
    assert not (await read(visit.caller, visit.conversation_id)).waiting
    views = [await ask(visit.caller, visit.conversation_id) for _ in range(2)]

    assert [view.waiting for view in views] == [True, True]
    assert await read(visit.caller, visit.conversation_id) == views[0]
    assert [event.actor.id for event in told(world, visit, "conversation.person_requested")] == [visit.conversation_id]


async def test_while_a_person_is_there_none_is_asked_for(world: World) -> None:
    visit = await world.visit()
    await maria(world, visit).take_over()
    view = await AskAPerson(world.begin, world.clock)(visit.caller, visit.conversation_id)

    assert (view.handled_by, view.waiting) == (HandledBy.HUMAN, False)
    assert not told(world, visit, "conversation.person_requested")


async def test_only_the_visitor_of_an_open_conversation_asks_for_a_person(world: World) -> None:
    visit, another = await world.visit(), await world.visit()
    ask = AskAPerson(world.begin, world.clock)
    for caller in (another.caller, world.stranger(), replace(visit.caller, may_speak=False)):
        with pytest.raises(NotFound):
            await ask(caller, visit.conversation_id)
    await maria(world, visit).edit({"status": ConversationStatus.CLOSED})
    with pytest.raises(ConversationClosed):
        await ask(visit.caller, visit.conversation_id)
    assert not told(world, visit, "conversation.person_requested")


async def test_a_tool_asks_for_nobody_in_a_closed_conversation(world: World) -> None:
    visit, claim = await world.asked("A person, please")
    await maria(world, visit).edit({"status": ConversationStatus.CLOSED})
    model = ScriptedLanguageModel(calling("ask_a_person", {}), saying("Nobody is there."))
    run = await world.reply(claim, model)

    assert [(step.tool, step.status) for step in run.steps] == [("ask_a_person", "error")]
    assert run.status is RunStatus.COMPLETED
    assert not told(world, visit, "conversation.person_requested")


async def test_a_blanked_reply_is_gone_with_its_run_and_log(world: World) -> None:
    visit, claim = await world.asked("Who?")
    model = ScriptedLanguageModel(calling("search_knowledge", {"query": "Grace"}), saying("It is Grace."))
    run = await world.reply(claim, model)
    member, before = maria(world, visit), stored(world, visit)
    await blank(world, member.caller, run.reply_message_id)

    assert world.said(visit) == ["Who?", ""]
    assert (world.run(run.id).text, world.run(run.id).steps) == ("", ())
    assert await frames_of(world.log, run.id) == []
    assert stored(world, visit) == replace(before, version=before.version + 1)
    assert "Grace" not in repr([world.store.messages.rows, world.store.runs.rows, world.store.activity])
    (event,) = told(world, visit, "message.blanked")
    assert (event.actor, event.subject.id) == (member.caller.actor, run.reply_message_id)


async def test_blanking_twice_is_one_event(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    posted = await member.say()
    await blank(world, member.caller, posted.message.id)
    version = stored(world, visit).version
    await blank(world, member.caller, posted.message.id)

    assert world.said(visit) == [""]
    assert stored(world, visit).version == version
    assert len(told(world, visit, "message.blanked")) == 1


async def test_replies_to_a_blanked_question_are_stopped_and_no_others(world: World) -> None:
    visit, claim = await world.asked("First secret")
    asked: list[PostedMessage] = [await world.say(visit, text) for text in ("Second secret", "No secret")]
    member = maria(world, visit)
    for message_id in (world.run_of(claim).message_id, asked[0].message.id):
        await blank(world, member.caller, message_id)

    assert world.said(visit) == ["", "", "No secret"]
    assert world.job(claim.job_id).cancel_asked
    assert [world.run_for(each).status for each in asked] == [RunStatus.CANCELLED, RunStatus.QUEUED]
    assert world.job(world.run_for(asked[1]).job_id).status is JobStatus.QUEUED


async def test_what_was_looked_up_for_a_blanked_question_is_forgotten_and_the_reply_kept(world: World) -> None:
    visit, claim = await world.asked("I am Grace")
    model = ScriptedLanguageModel(calling("search_knowledge", {"query": "Grace"}), saying("Welcome."))
    run = await world.reply(claim, model)
    await blank(world, maria(world, visit).caller, run.message_id)

    assert world.said(visit) == ["", "Welcome."]
    assert (world.run(run.id).text, world.run(run.id).status) == ("Welcome.", RunStatus.COMPLETED)
    assert "Grace" not in repr([world.store.messages.rows, world.store.runs.rows])
    assert await frames_of(world.log, run.id) == []
    assert told(world, visit, "run.cancelled") == []


@pytest.mark.parametrize("stops", [True, False])
async def test_what_a_running_reply_looked_up_for_a_question_blanked_meanwhile_is_not_kept(
    world: World, *, stops: bool
) -> None:
    visit, claim = await world.asked("I am Grace")
    question_id, progress = world.run_of(claim).message_id, MemoryJobProgress()

    async def blank_it() -> None:
        await blank(world, maria(world, visit).caller, question_id)
        if stops:
            progress.cancel()

    script = ScriptedLanguageModel(calling("search_knowledge", {"query": "Grace"}), saying("Wel", "come."))
    run = await world.reply(claim, ActingLanguageModel(script, {"Wel": blank_it}), progress)

    assert run.status is (RunStatus.CANCELLED if stops else RunStatus.COMPLETED)
    assert "Grace" not in repr([world.store.messages.rows, world.store.runs.rows])
    assert await frames_of(world.log, run.id) == []
    assert [frame.event.name for frame in await world.shown(visit)][-1] == ("cancelled" if stops else "message_end")


async def test_a_blanked_question_is_not_answered_after_a_handback(world: World) -> None:
    visit = await world.visit()
    member = maria(world, visit)
    await member.take_over()
    posted = await world.say(visit, "A secret")
    await blank(world, member.caller, posted.message.id)
    await member.hand_back()

    assert not world.store.runs.rows


async def test_only_those_who_may_write_blank(world: World) -> None:
    visit = await world.visit()
    posted = await world.say(visit, "Hello?")
    with pytest.raises(Forbidden):
        await blank(world, a_member(world, visit, role=Role.VIEWER), posted.message.id)
    for caller in (world.stranger(), visit.caller):
        with pytest.raises(NotFound):
            await blank(world, caller, posted.message.id)
    with pytest.raises(NotFound):
        await blank(world, maria(world, visit).caller, MessageId(new_id(world.clock.now())))
    assert world.said(visit) == ["Hello?"]
