"""What is said to a companion is known to its user alone, whatever others may do in the workspace."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace

import pytest

from adapters.memory.conversation_lists import MemoryConversationLists
from adapters.memory.exports import MemoryConversationExports
from adapters.memory.language_model import ScriptedLanguageModel
from adapters.memory.runs import MemoryRunViews
from adapters.memory.statistics import MemoryStatisticsViews
from adapters.memory.unanswered import MemoryUnansweredViews
from adapters.memory.usage import MemoryUsageViews
from application.activity.follow_activity import FollowActivity
from application.activity.list_activity import ListActivity
from application.conversations.blank_message import BlankMessage
from application.conversations.cancel_run import CancelRun
from application.conversations.cancel_run_as_member import CancelRunAsMember
from application.conversations.conversation_frames import ConversationFrames
from application.conversations.edit_conversation import EditConversation
from application.conversations.export_conversation import ExportConversation
from application.conversations.hand_back import HandBack
from application.conversations.list_conversations import ListConversations
from application.conversations.list_runs import ListRuns
from application.conversations.post_as_member import PostAsMember
from application.conversations.rate_companion import RateCompanion
from application.conversations.rate_message import RateMessageCommand
from application.conversations.read_conversation import ReadConversation
from application.conversations.read_messages import ReadMessages
from application.conversations.read_run import ReadRun
from application.conversations.read_statistics import ReadStatistics
from application.conversations.remove_conversation import RemoveConversation
from application.conversations.retry_run import RetryRun
from application.conversations.take_over import TakeOver
from application.conversations.unanswered import (
    AnswerQuestion,
    AnswerQuestionCommand,
    DismissQuestion,
    ListUnanswered,
)
from application.conversations.watch_conversation import WatchConversation
from application.ports.activity import ActivityFilter, ActivityView
from application.ports.conversation_lists import ConversationFilters
from application.ports.language_model import ModelUnavailable
from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.conversations import ConversationStatus, FeedbackValue, Run
from domain.conversations.statistics import Happened
from domain.errors import Forbidden, NotFound
from domain.ids import MessageId, UserId
from domain.permissions import KEY_PERMISSIONS, Permission
from tests.application.conversations.companion import Talk, begun, joined
from tests.application.world import World

CANARY = "planted-canary"


@dataclass(frozen=True, slots=True)
class Scene:
    """A member's talk with their companion, one reply of which failed, in a workspace that Ada owns."""

    talk: Talk
    run: Run
    reply_id: MessageId

    @property
    def world(self) -> World:
        return self.talk.world


Attempt = Callable[[Scene, Caller], Awaitable[object]]


async def _watch(scene: Scene, caller: Caller) -> object:
    world = scene.world
    frames = ConversationFrames(world.conversations, world.log, world.bell)
    watched = await WatchConversation(frames, world.conversations)(
        caller, scene.talk.conversation_id, None, follow=False
    )
    return [frame async for frame in watched] if watched else []


async def _export(scene: Scene, caller: Caller) -> object:
    store, clock = scene.world.store, scene.world.clock
    export = ExportConversation(MemoryConversationExports(store), MemoryConversationLists(store), clock)
    return [each async for each in (await export(caller, scene.talk.conversation_id)).exchanges()]


ATTEMPTS: Mapping[str, Attempt] = {
    "read": lambda scene, caller: ReadConversation(MemoryConversationLists(scene.world.store))(
        caller, scene.talk.conversation_id
    ),
    "read the messages": lambda scene, caller: ReadMessages(scene.world.conversations)(
        caller, scene.talk.conversation_id, None, 10
    ),
    "watch": _watch,
    "export": _export,
    "list the runs": lambda scene, caller: ListRuns(scene.world.conversations, MemoryRunViews(scene.world.store))(
        caller, scene.talk.conversation_id, None, 10
    ),
    "read a run": lambda scene, caller: ReadRun(scene.world.conversations)(caller, scene.run.id),
    "cancel a run": lambda scene, caller: CancelRunAsMember(scene.world.begin, scene.world.clock)(caller, scene.run.id),
    "retry a run": lambda scene, caller: RetryRun(scene.world.begin, scene.world.clock)(caller, scene.run.id),
    "post": lambda scene, caller: PostAsMember(scene.world.begin, scene.world.clock)(
        caller, scene.talk.conversation_id, "Hello?"
    ),
    "rate": lambda scene, caller: RateCompanion(scene.world.begin, scene.world.clock)(
        caller,
        RateMessageCommand(
            conversation_id=scene.talk.conversation_id, message_id=scene.reply_id, value=FeedbackValue.UP
        ),
    ),
    "edit": lambda scene, caller: EditConversation(scene.world.begin, scene.world.clock)(
        caller, scene.talk.conversation_id, {"status": ConversationStatus.CLOSED}
    ),
    "take over": lambda scene, caller: TakeOver(scene.world.begin, scene.world.clock)(
        caller, scene.talk.conversation_id
    ),
    "hand back": lambda scene, caller: HandBack(scene.world.begin, scene.world.clock)(
        caller, scene.talk.conversation_id
    ),
    "blank a message": lambda scene, caller: BlankMessage(
        scene.world.begin, scene.world.conversations, scene.world.log, scene.world.clock
    )(caller, scene.run.message_id),
    "erase": lambda scene, caller: RemoveConversation(scene.world.begin, scene.world.log, scene.world.clock)(
        caller, scene.talk.conversation_id
    ),
    "cancel as a visitor": lambda scene, caller: CancelRun(scene.world.begin, scene.world.clock)(
        caller, scene.talk.conversation_id, scene.run.id
    ),
    "answer the question": lambda scene, caller: AnswerQuestion(scene.world.begin, scene.world.clock)(
        caller, AnswerQuestionCommand(workspace_id=scene.talk.workspace_id, run_id=scene.run.id, answer="Yes.")
    ),
    "dismiss the question": lambda scene, caller: DismissQuestion(scene.world.begin, scene.world.clock)(
        caller, scene.talk.workspace_id, scene.run.id
    ),
}


async def a_scene(world: World) -> Scene:
    _, workspace = await world.owner()
    talk = await begun(world, joined(world, workspace.id, Role.MEMBER), workspace.id)
    greeted = await talk.ask("Hello")
    run = await talk.ask(f"What do you know of my {CANARY}?", ScriptedLanguageModel([ModelUnavailable()]))
    return Scene(talk, run, greeted.reply_message_id)


async def others(scene: Scene) -> Mapping[str, Caller]:
    """Everybody else, with all that they may do."""
    world, workspace_id = scene.world, scene.talk.workspace_id
    owner, _ = await world.owner()
    agent = Actor(ActorType.AGENT, scene.talk.caller.actor.id, "Agent")
    visitor = Actor(ActorType.VISITOR, scene.talk.conversation_id, "Visitor")
    return {
        "owner": owner,
        **{role.value: joined(world, workspace_id, role) for role in (Role.OWNER, Role.ADMIN)},
        "stranger": world.stranger(),
        "agent": Caller(actor=agent, grants={workspace_id: Grant.of(Role.OWNER)}),
        "visitor": Caller(actor=visitor, conversation_id=None),
    }


def stored(world: World) -> tuple[object, ...]:
    rows = (world.store.conversations, world.store.messages, world.store.runs, world.store.jobs)
    return tuple(dict(table.rows) for table in rows)


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_to_everybody_else_it_does_not_exist(world: World, attempt: str) -> None:
    scene = await a_scene(world)
    before = stored(world)
    for name, caller in (await others(scene)).items():
        with pytest.raises(NotFound) as refused:
            await ATTEMPTS[attempt](scene, caller)
        assert refused.value.detail == NotFound.detail, name
    assert stored(world) == before


OWN = [name for name in ATTEMPTS if name not in {"cancel as a visitor", "answer the question", "dismiss the question"}]


@pytest.mark.parametrize("attempt", [name for name in OWN if name != "take over"])
async def test_its_user_may_do_all_that_members_may_do_with_a_visitors(world: World, attempt: str) -> None:
    scene = await a_scene(world)
    await ATTEMPTS[attempt](scene, scene.talk.caller)


@pytest.mark.parametrize("attempt", OWN)
async def test_a_key_for_conversations_alone_does_not_open_it(world: World, attempt: str) -> None:
    scene = await a_scene(world)
    grant = Grant.of(Role.MEMBER, KEY_PERMISSIONS - {Permission.MEMORY_READ, Permission.MEMORY_WRITE})
    key = replace(scene.talk.caller, grants={scene.talk.workspace_id: grant}, by_key=True)
    with pytest.raises(Forbidden, match="memory:"):
        await ATTEMPTS[attempt](scene, key)


async def test_it_is_in_no_list_but_its_users_own(world: World) -> None:
    scene = await a_scene(world)
    workspace_id, lists = scene.talk.workspace_id, ListConversations(MemoryConversationLists(world.store))
    seen = [(name, each) for name, each in (await others(scene)).items() if workspace_id in each.grants]
    for _, caller in [*seen, ("user", scene.talk.caller)]:
        assert (await lists(caller, workspace_id, ConversationFilters(), None, 10)).items == []
        assert (await lists(caller, workspace_id, ConversationFilters(q=CANARY), None, 10)).counts.open == 0
    theirs = ConversationFilters(user_id=UserId(scene.talk.caller.actor.id))
    for _, caller in seen:
        with pytest.raises(NotFound):
            await lists(caller, workspace_id, theirs, None, 10)
    (own,) = (await lists(scene.talk.caller, workspace_id, theirs, None, 10)).items
    assert own.id == scene.talk.conversation_id


async def test_it_is_neither_counted_nor_among_the_unanswered_questions(world: World) -> None:
    scene = await a_scene(world)
    await scene.talk.ask("Thanks!")
    owner, _ = await world.owner()
    read = ReadStatistics(MemoryStatisticsViews(world.store), MemoryUsageViews(world.store), world.clock)
    totals = (await read(owner, scene.talk.workspace_id, "7d")).totals
    assert asdict(totals) | {"usage": None} == {**asdict(Happened()), "usage": None}
    unanswered = ListUnanswered(MemoryUnansweredViews(world.store))
    assert (await unanswered(owner, scene.talk.workspace_id, None, 10)).items == []


async def test_activity_tells_of_it_to_its_user_alone(world: World) -> None:
    scene = await a_scene(world)
    await scene.talk.ask("Thanks!")
    workspace_id = scene.talk.workspace_id
    private = {scene.talk.conversation_id, *(run.id for run in world.store.runs.rows.values())}
    private |= {row.id for row in world.store.messages.rows.values()}
    events = ListActivity(world.activity)
    for name, caller in (await others(scene)).items():
        if workspace_id not in caller.grants or name == "agent":
            continue
        told = (await events(caller, workspace_id, ActivityFilter(), None, 100)).items
        assert private.isdisjoint(event.subject.id for event in told)
        follow = await FollowActivity(world.activity, world.bell)(caller, workspace_id, 0)
        followed = [event async for event in _until_now(follow)]
        assert followed == told[::-1]
    own = (await events(scene.talk.caller, workspace_id, ActivityFilter(), None, 100)).items
    assert scene.talk.conversation_id in {event.subject.id for event in own}


async def _until_now(events: AsyncGenerator[ActivityView | None, None]) -> AsyncGenerator[ActivityView, None]:
    async for event in events:
        if event is None:
            return
        yield event


async def test_the_jobs_of_its_replies_are_shown_to_nobody(world: World) -> None:
    scene = await a_scene(world)
    page = await world.jobs.jobs(scene.talk.workspace_id, None, "generate_reply", None, 10)
    assert page.items == []
    assert await world.jobs.job(scene.run.job_id) is None
