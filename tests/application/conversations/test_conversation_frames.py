"""What both sides are shown of a conversation: who said what, and where it stands among the replies."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from typing_extensions import override

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.ask_a_person import AskAPerson
from application.conversations.conversation_frames import (
    FOR_MEMBERS,
    FOR_VISITORS,
    LOOK_AGAIN,
    Audience,
    ConversationFrames,
    Frames,
)
from application.conversations.watch_conversation import WatchConversation
from application.ports.language_model import ModelUnavailable
from domain.conversations import (
    MAX_WAITING,
    REPORT_UNANSWERED,
    ConversationStands,
    ConversationStatus,
    Frame,
    FrameId,
    Handler,
    IdentifiedHandler,
    MessageEnded,
    Notice,
    RunStatus,
    Said,
    WordsBlanked,
)
from domain.errors import DomainError, NotFound
from tests.application.conversations.dictation import Dictation
from tests.application.conversations.script import calling, saying, told
from tests.application.conversations.talk import Talk
from tests.application.conversations.watcher import Watcher
from tests.application.doubles import SilentBell
from tests.application.jumping import jump, jumping
from tests.application.world import LEASE, Crash, World

SIDES = [FOR_VISITORS, FOR_MEMBERS]


async def _frames(talk: Talk, audience: Audience, last_id: str | None = None, *, follow: bool = False) -> Frames | None:
    frames = ConversationFrames(talk.world.conversations, talk.world.log, talk.world.bell)
    return await frames(talk.visit.conversation_id, last_id, audience, follow=follow)


async def _shown(talk: Talk, audience: Audience, last_id: str | None = None) -> list[str] | None:
    """The lines of a stream that ends by itself; None when there is nothing to show."""
    frames = await _frames(talk, audience, last_id)
    return None if frames is None else [line async for frame in frames if (line := _line(frame))]


def _line(frame: Frame | Said | Notice | None) -> str | None:
    match frame:
        case Notice(event=event):
            return f"blanked {event.message_id}" if isinstance(event, WordsBlanked) else _standing(event)
        case Said(id=place, event=event):
            return f"{event.message.role} {place or 'ahead'}: {event.message.content}"
        case Frame():
            return told([frame])[0]
        case None:
            return None


def _standing(stands: ConversationStands) -> str:
    waiting = ["waiting"] if stands.waiting else []
    return " ".join([stands.status, *([stands.handler.name] if stands.handler else [stands.handled_by]), *waiting])


async def _lines(frames: Frames, amount: int) -> list[str]:
    lines: list[str] = []
    while len(lines) < amount:
        line = _line(await anext(frames))
        lines += [line] if line else []
    return lines


async def test_a_member_sees_the_visitors_words_before_the_reply_and_a_visitor_does_not(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("One.")

    reply = ["start 1", "0:One.", "end:One."]
    assert await _shown(talk, FOR_MEMBERS) == ["visitor 1-0-1: One?", *reply]
    assert await _shown(talk, FOR_VISITORS) == reply


async def test_a_visitor_is_not_shown_that_the_assistant_did_not_know(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("And a dog?")
    report = calling(REPORT_UNANSWERED, {"question": "And a dog?"})
    await world.reply(await world.claim(), ScriptedLanguageModel(report, saying("I do not know.")))

    frames = {audience: [name async for name in _names(talk, audience)] for audience in SIDES}
    told = ["message_start", "delta", "message_end"]
    assert frames[FOR_VISITORS] == told
    assert frames[FOR_MEMBERS] == ["message", told[0], "tool_call", "tool_result", *told[1:]]


async def _names(talk: Talk, audience: Audience) -> AsyncGenerator[str]:
    frames = await _frames(talk, audience)
    assert frames
    async for frame in frames:
        if frame is not None:
            yield frame.event.name


async def test_both_see_what_a_member_says_after_the_reply_before_it(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("One.")
    await talk.help("I can help.")

    for audience in SIDES:
        lines = await _shown(talk, audience)
        assert lines
        assert lines[-2:] == ["end:One.", "member 2-0-1: I can help."]


async def test_a_conversation_without_any_run_is_told_from_its_beginning(world: World) -> None:
    talk = await Talk.begun(world)
    assert [await _shown(talk, audience) for audience in SIDES] == [None, None]
    await talk.take_over()
    await talk.ask("Anybody?")
    assert await _shown(talk, FOR_VISITORS) is None
    assert await _shown(talk, FOR_MEMBERS) == ["visitor 1-0-1: Anybody?"]
    await talk.help("Me.")

    assert await _shown(talk, FOR_VISITORS) == ["member 2-0-1: Me."]
    assert await _shown(talk, FOR_MEMBERS) == ["visitor 1-0-1: Anybody?", "member 2-0-1: Me."]


@pytest.mark.parametrize("audience", SIDES)
async def test_who_has_seen_everything_is_shown_nothing(world: World, audience: Audience) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("One.")
    await talk.help("I can help.")

    assert await _shown(talk, audience, "2-0-1") is None


async def test_who_resumes_at_a_message_is_shown_what_comes_behind_it(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("One.")
    await talk.help("I can help.")
    await talk.ask("Two?")
    await talk.reply("Two.")

    two = ["start 1", "0:Two.", "end:Two."]
    help_ = "member 2-0-1: I can help."
    one = ["start 1", "0:One.", "end:One."]
    assert await _shown(talk, FOR_MEMBERS, "1-0-1") == [*one, help_, "visitor 3-0-1: Two?", *two]
    assert await _shown(talk, FOR_MEMBERS, "2-0-1") == ["visitor 3-0-1: Two?", *two]
    assert await _shown(talk, FOR_MEMBERS, "3-0-1") == two
    assert await _shown(talk, FOR_VISITORS, "2-0-1") == two


async def test_who_resumes_in_an_older_run_is_shown_all_that_was_said_since(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("One.")
    await talk.help("I can help.")
    await talk.ask("Two?")
    await talk.reply("Two.")

    assert await _shown(talk, FOR_MEMBERS, "1-1-2") == [
        "end:One.",
        "member 2-0-1: I can help.",
        "visitor 3-0-1: Two?",
        "start 1",
        "0:Two.",
        "end:Two.",
    ]


@pytest.mark.parametrize("last_id", [None, "nonsense", "1-0-2", "9-0-1", "2-1-1"])
async def test_who_resumes_at_an_unknown_place_is_shown_the_newest_run_and_what_it_answers(
    world: World, last_id: str | None
) -> None:
    talk = await Talk.begun(world)
    await talk.take_over()
    await talk.ask("One?")
    await talk.help("One.")
    await talk.hand_back()
    await talk.ask("Two?")
    await talk.reply("Two.")
    await talk.help("And more.")

    assert await _shown(talk, FOR_MEMBERS, last_id) == [
        "visitor 3-0-1: Two?",
        "start 1",
        "0:Two.",
        "end:Two.",
        "member 4-0-1: And more.",
    ]


async def test_a_message_answered_once_more_is_not_said_again(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.fail()
    await talk.retry(talk.runs()[0].id)
    await talk.reply("One.")

    assert await _shown(talk, FOR_MEMBERS, "1-0-1") == [
        "start 1",
        "model_unavailable:",
        "start 1",
        "0:One.",
        "end:One.",
    ]
    assert await _shown(talk, FOR_MEMBERS) == ["start 1", "0:One.", "end:One."]


def jumped(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """The test, run by a loop whose time jumps."""

    def run() -> None:
        jump(test())

    run.__name__ = test.__name__
    return run


@jumped
async def test_what_is_said_while_a_reply_is_made_is_told_at_once_and_only_once() -> None:
    talk = await Talk.begun(World())
    await talk.ask("One?")
    reply = Dictation(talk.world, await talk.world.claim())
    frames = await _frames(talk, FOR_MEMBERS, follow=True)
    assert frames
    async with aclosing(frames):
        await reply.say("Half")
        assert await _lines(frames, 4) == ["open assistant", "visitor 1-0-1: One?", "start 1", "0:Half"]
        await talk.help("I can help.")
        await talk.ask("Two?")
        assert await _lines(frames, 2) == ["member ahead: I can help.", "visitor ahead: Two?"]
        await reply.say(" a reply.")
        await reply.end()
        await talk.reply("Two.")
        assert await _lines(frames, 5) == ["4: a reply.", "end:Half a reply.", "start 1", "0:Two.", "end:Two."]
        await talk.help("Thanks.")
        assert await _lines(frames, 1) == ["member 4-0-1: Thanks."]


@jumped
async def test_who_comes_while_a_reply_is_made_is_told_at_once_what_was_said_before() -> None:
    talk = await Talk.begun(World())
    await talk.ask("One?")
    reply = Dictation(talk.world, await talk.world.claim())
    await reply.say("Half")
    await talk.help("I can help.")
    frames = await _frames(talk, FOR_VISITORS)
    assert frames
    async with aclosing(frames):
        assert sorted(await _lines(frames, 3)) == ["0:Half", "member ahead: I can help.", "start 1"]
        assert asyncio.get_running_loop().time() < LOOK_AGAIN
        await reply.end()
        assert [line async for frame in frames if (line := _line(frame))] == ["end:Half"]


@jumped
async def test_who_was_told_ahead_and_drops_is_told_again_in_its_turn() -> None:
    talk = await Talk.begun(World())
    await talk.ask("One?")
    reply = Dictation(talk.world, await talk.world.claim())
    await reply.say("Half")
    await talk.help("I can help.")
    frames = await _frames(talk, FOR_VISITORS)
    assert frames
    async with aclosing(frames):
        await _lines(frames, 3)
    await reply.end()

    assert await _shown(talk, FOR_VISITORS, "1-1-2") == ["end:Half", "member 2-0-1: I can help."]


@jumped
async def test_what_nobody_rang_for_is_told_while_a_long_reply_is_made() -> None:
    world = World()
    talk = await Talk.begun(world)
    await talk.ask("One?")
    reply = Dictation(world, await world.claim())
    await reply.say("Half")
    frames = ConversationFrames(world.conversations, world.log, _DeafBell())
    shown = await frames(talk.visit.conversation_id, None, FOR_VISITORS, follow=False)
    assert shown
    async with aclosing(shown):
        assert await _lines(shown, 2) == ["start 1", "0:Half"]
        await talk.help("I can help.")
        assert await _lines(shown, 1) == ["member ahead: I can help."]
        await reply.end()


@jumped
async def test_who_follows_is_told_at_once_how_the_conversation_stands() -> None:
    world = World()
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("One.")
    frames = await _frames(talk, FOR_VISITORS, follow=True)
    assert frames
    async with aclosing(frames):
        assert await _lines(frames, 4) == ["open assistant", "start 1", "0:One.", "end:One."]
        assert await anext(frames) is None
        await AskAPerson(world.begin, world.clock)(talk.visit.caller, talk.visit.conversation_id)
        assert await _lines(frames, 1) == ["open assistant waiting"]
        await talk.take_over()
        assert await _lines(frames, 1) == ["open Ada"]
        await talk.help("I can help.")
        assert await _lines(frames, 1) == ["member 2-0-1: I can help."]
        await talk.hand_back()
        assert await _lines(frames, 1) == ["open assistant"]
        await talk.edit(ConversationStatus.CLOSED)
        assert await _lines(frames, 1) == ["closed assistant"]
        await talk.edit(ConversationStatus.OPEN)
        assert await _lines(frames, 1) == ["open assistant"]
        assert asyncio.get_running_loop().time() < LOOK_AGAIN


@jumped
async def test_a_takeover_in_the_midst_of_a_reply_is_told_before_what_the_member_says() -> None:
    talk = await Talk.begun(World())
    await talk.ask("One?")
    reply = Dictation(talk.world, await talk.world.claim())
    await reply.say("Half")
    frames = await _frames(talk, FOR_VISITORS, follow=True)
    assert frames
    async with aclosing(frames):
        assert await _lines(frames, 3) == ["open assistant", "start 1", "0:Half"]
        await talk.take_over()
        assert await _lines(frames, 1) == ["open Ada"]
        await talk.help("I can help.")
        assert await _lines(frames, 1) == ["member ahead: I can help."]
        await reply.cancel()
        assert await _lines(frames, 1) == ["cancelled:Half"]


@jumped
async def test_a_change_rung_for_while_the_end_of_a_reply_is_taken_is_told_at_once() -> None:
    talk = await Talk.begun(World())
    await talk.ask("One?")
    reply = Dictation(talk.world, await talk.world.claim())
    await reply.say("Half")
    frames = await _frames(talk, FOR_VISITORS, follow=True)
    assert frames
    async with aclosing(frames):
        assert await _lines(frames, 3) == ["open assistant", "start 1", "0:Half"]
        end = asyncio.create_task(_lines(frames, 1))
        await asyncio.sleep(0.01)
        run = talk.runs()[0]
        ended = MessageEnded(message_id=run.reply_message_id, run_id=run.id, full_text="Half")
        await talk.world.log.append(run.id, [Frame(FrameId(1, 1, 3), ended)])
        assert await end == ["end:Half"]
        await talk.edit(ConversationStatus.CLOSED)
        await asyncio.sleep(0.01)
        assert await _lines(frames, 1) == ["closed assistant"]
        await reply.cancel()
        assert asyncio.get_running_loop().time() < LOOK_AGAIN


@pytest.mark.parametrize("audience", SIDES)
async def test_blanked_words_are_told_to_who_follows_and_to_who_comes_back(world: World, audience: Audience) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("One.")
    frames = await _frames(talk, audience, "1-1-3", follow=True)
    assert frames
    async with aclosing(frames):
        assert await _lines(frames, 1) == ["open assistant"]
        assert await anext(frames) is None
        words = [talk.saying("One?"), talk.saying("One.")]
        for message_id in words:
            await talk.blank(message_id)
            assert await _lines(frames, 1) == [f"blanked {message_id}"]
    frames = await _frames(talk, audience, "1-1-3", follow=True)
    assert frames
    async with aclosing(frames):
        blanked = [f"blanked {message_id}" for message_id in sorted(words)]
        assert await _lines(frames, 3) == ["open assistant", *blanked]
        assert await anext(frames) is None


async def test_only_members_learn_who_a_handler_is(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.take_over()
    for audience, handler in (
        (FOR_VISITORS, Handler(name="Ada")),
        (FOR_MEMBERS, IdentifiedHandler(name="Ada", id=talk.owner.actor.id)),
    ):
        frames = await _frames(talk, audience, follow=True)
        assert frames
        async with aclosing(frames):
            first = await anext(frames)
            assert isinstance(first, Notice)
            assert isinstance(first.event, ConversationStands)
            assert first.event.handler == handler


async def test_a_stream_that_ends_by_itself_tells_nothing_but_the_words(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.take_over()
    assert await _shown(talk, FOR_VISITORS) is None
    await talk.help("I can help.")
    await talk.blank(talk.saying("I can help."))
    assert await _shown(talk, FOR_VISITORS) == ["member 1-0-1: "]


async def test_who_was_told_the_end_of_a_reply_is_not_told_it_again_when_its_words_are_blanked(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("It costs 120.")
    world.log.forget(talk.runs()[0].id)
    watcher = Watcher(world, talk.visit.conversation_id, FOR_VISITORS, "1-0-0")
    await watcher.read()
    seen = watcher.last_id
    await talk.blank(talk.saying("It costs 120."))
    await watcher.read()
    assert watcher.last_id == seen


class _DeafBell(SilentBell):
    """Waits as long as it is asked to, and hears nothing."""

    @override
    async def heard(self, timeout: float) -> bool:
        await asyncio.sleep(timeout)
        return False


async def test_only_who_may_read_conversations_of_the_workspace_watches(world: World) -> None:
    talk = await Talk.begun(world)
    await talk.ask("One?")
    await talk.reply("One.")
    frames = ConversationFrames(world.conversations, world.log, world.bell)
    watch = WatchConversation(frames, world.conversations)
    for caller in (world.stranger(), talk.visit.caller):
        with pytest.raises(NotFound):
            await watch(caller, talk.visit.conversation_id, None, follow=False)
    shown = await watch(talk.owner, talk.visit.conversation_id, None, follow=False)
    assert shown
    assert await _lines(shown, 1) == ["visitor 1-0-1: One?"]
    await shown.aclose()


class Conversing(RuleBasedStateMachine):
    """Both sides talk, replies are made, fail and are lost; a client of each side drops and resumes all the time."""

    TEXTS = st.text(st.sampled_from("ab 漢😀"), min_size=1, max_size=4)

    def __init__(self) -> None:
        super().__init__()
        self.runner = jumping()
        self.reply: Dictation | None = None
        self.follow = False

    @initialize()
    def begin(self) -> None:
        self.talk = self.run(Talk.begun(World()))
        self.run(self.talk.ask("Hello?"))
        conversation_id = self.talk.visit.conversation_id
        self.watchers = [Watcher(self.talk.world, conversation_id, audience, "1-0-0") for audience in SIDES]

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(step)

    def being_made(self) -> bool:
        return self.reply is not None and not self.reply.over

    def claimable(self) -> bool:
        return not self.being_made() and any(not run.ended for run in self.talk.runs())

    @precondition(lambda self: sum(not run.ended for run in self.talk.runs()) <= MAX_WAITING)
    @rule(content=TEXTS)
    def ask(self, content: str) -> None:
        self.attempt(self.talk.ask(f"{content}?"))

    @rule(content=TEXTS)
    def help(self, content: str) -> None:
        self.attempt(self.talk.help(f"{content}!"))

    @rule()
    def take_over(self) -> None:
        if self.attempt(self.talk.take_over()) and self.reply is not None and self.being_made():
            self.run(self.reply.cancel())

    @rule()
    def hand_back(self) -> None:
        self.run(self.talk.hand_back())

    @rule(status=st.sampled_from(ConversationStatus))
    def edit(self, status: ConversationStatus) -> None:
        self.run(self.talk.edit(status))

    @rule(which=st.integers(0, 20))
    def blank(self, which: int) -> None:
        messages = self.talk.messages()
        message = messages[which % len(messages)]
        self.run(self.talk.blank(message.id))
        if self.reply is not None and self.being_made():
            answered = self.talk.world.run_of(self.reply.claim).message_id
            if answered == message.id:
                self.run(self.reply.cancel())

    @precondition(claimable)
    @rule()
    def begin_reply(self) -> None:
        self.run(self._begin_reply())

    @precondition(being_made)
    @rule(text=TEXTS)
    def go_on(self, text: str) -> None:
        assert self.reply
        self.run(self.reply.say(text))

    @precondition(being_made)
    @rule(error=st.sampled_from([None, None, Crash, ModelUnavailable]))
    def end_reply(self, error: Callable[[str], Exception] | None) -> None:
        assert self.reply
        self.run(self.reply.end(error("as planned") if error else None))
        if error is Crash:
            self.talk.world.clock.advance(LEASE)
            self.run(self.talk.world.queue.expire())

    @rule(which=st.integers(0, 20))
    def retry(self, which: int) -> None:
        runs = [run for run in self.talk.runs() if run.status in {RunStatus.FAILED, RunStatus.CANCELLED}]
        if runs:
            self.attempt(self.talk.retry(runs[which % len(runs)].id))

    @rule(which=st.integers(0, 20))
    def lose_log(self, which: int) -> None:
        runs = self.talk.runs()
        self.talk.world.log.forget(runs[which % len(runs)].id)

    @rule(which=st.integers(0, 1), amount=st.integers(1, 5), follow=st.booleans())
    def read(self, which: int, amount: int, *, follow: bool) -> None:
        self.run(self.watchers[which].read(amount, follow=follow))

    @rule(which=st.integers(0, 1))
    def hang_up(self, which: int) -> None:
        self.run(self.watchers[which].hang_up())

    @override
    def teardown(self) -> None:
        if hasattr(self, "watchers"):
            self.run(self._finish())
            for watcher, audience in zip(self.watchers, SIDES, strict=True):
                self._check(watcher, audience)
        self.runner.close()

    def attempt(self, step: Coroutine[Any, Any, Any]) -> bool:
        """What may be refused as things stand; whether it was not."""
        try:
            self.run(step)
        except DomainError:
            return False
        return True

    async def _begin_reply(self) -> None:
        self.reply = Dictation(self.talk.world, await self.talk.world.claim())
        await asyncio.sleep(0.01)

    async def _finish(self) -> None:
        while self.being_made() or self.claimable():
            if not self.being_made():
                await self._begin_reply()
            assert self.reply
            await self.reply.end()
        for watcher in self.watchers:
            for _ in range(2):  # on the connection that is open, and on a new one
                await watcher.read(silences=3, follow=True)
                if watcher.follows:
                    self._check_standing(watcher)
                await watcher.hang_up()
            assert watcher.stands

    def _check(self, watcher: Watcher, audience: Audience) -> None:
        messages = self.talk.world.store.messages.rows.values()
        shown = (message for message in messages if message.role in audience.roles)
        said = sorted(shown, key=lambda message: message.turn)
        assert watcher.said == [message.id for message in said]
        # What was shown before it was blanked is for the client to take away.
        kept = {run.reply_message_id: run.text for run in self.talk.runs()}
        blanked = dict.fromkeys(watcher.blanked & kept.keys(), "")
        assert {**watcher.texts, **blanked} == kept
        assert {**watcher.ends, **blanked} == kept

    def _check_standing(self, watcher: Watcher) -> None:
        conversation = self.talk.world.store.conversations.rows[self.talk.visit.conversation_id]
        assert watcher.stands
        assert (watcher.stands.status, watcher.stands.handled_by) == (conversation.status, conversation.handled_by)
        assert (watcher.stands.handler is None) == (conversation.handler is None)
        assert watcher.blanked == {message.id for message in self.talk.messages() if message.blanked_at is not None}


TestConversing = Conversing.TestCase
