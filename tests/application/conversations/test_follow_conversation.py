import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.cancel_run import CancelRun
from application.conversations.conversation_frames import ConversationFrames, Frames
from application.conversations.erase_conversation import EraseConversation
from application.conversations.follow_conversation import FollowConversation
from application.jobs.fail_job import FailJob
from application.ports.bell import LOOK_ANYWAY
from application.ports.run_log import SlowReader
from domain.conversations import Frame, Notice, RunStatus, conversation_topic
from domain.errors import NotFound
from domain.ids import RunId
from domain.jobs import Claim
from tests.application.conversations.script import calling, saying, told
from tests.application.doubles import ActingLanguageModel, SilentBell
from tests.application.jumping import jump
from tests.application.world import Visit, World, job_of


async def answered(world: World, *texts: str) -> tuple[Visit, Claim]:
    """A conversation with one reply."""
    visit, claim = await world.asked()
    await world.reply(claim, ScriptedLanguageModel(saying(*texts)))
    return visit, claim


async def die(world: World, claim: Claim) -> None:
    """The job of the claim has no try left."""
    while not world.job(claim.job_id).ended:
        await FailJob(world.begin, world.burials, world.clock)(claim, "It broke.")
        world.clock.advance(timedelta(hours=1))
        if not world.job(claim.job_id).ended:
            claim = await world.claim()


class LostEnd(Exception):
    """The worker dies between saving and announcing."""


async def unannounced(world: World, *texts: str) -> tuple[Visit, Claim]:
    """A reply that was saved, and whose end nobody was told."""
    visit, claim = await world.asked()

    def look(_run_id: RunId, frames: Sequence[Frame]) -> None:
        if frames[-1].ends:
            raise LostEnd

    world.log.look = look
    with pytest.raises(LostEnd):
        await world.reply(claim, ScriptedLanguageModel(saying(*texts)))
    return visit, claim


async def test_who_comes_late_is_shown_all_of_the_newest_run(world: World) -> None:
    visit, _ = await answered(world, "It ", "costs 60 €.")

    assert told(await world.shown(visit)) == ["start 1", "0:It ", "3:costs 60 €.", "end:It costs 60 €."]


async def test_who_comes_midway_is_shown_what_was_and_what_comes(world: World) -> None:
    visit, claim = await world.asked()
    half, rest = asyncio.Event(), asyncio.Event()
    texts = saying("One ", "two ", "three")
    script = ScriptedLanguageModel([*texts[:2], rest, *texts[2:]])

    async def told_half() -> None:
        half.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(world.reply(claim, ActingLanguageModel(script, {"two ": told_half})))
        await half.wait()
        shown = group.create_task(world.shown(visit))
        await asyncio.sleep(0)
        rest.set()

    assert told(shown.result()) == ["start 1", "0:One ", "4:two ", "8:three", "end:One two three"]


async def test_who_resumes_is_shown_exactly_what_comes_after(world: World) -> None:
    visit, claim = await world.asked()
    model = ScriptedLanguageModel(calling("list_services", {}, "One "), saying("two ", "three"))
    await world.reply(claim, model)
    frames = await world.shown(visit)

    for place, frame in enumerate(frames, 1):
        assert await world.shown(visit, str(frame.id)) == frames[place:]


@pytest.mark.parametrize(
    "last_id", ["", "nonsense", "7-1-1", "2-9-1", "1-9-1", "2-1-99", "2-1-4-1", "-1-1-1", "2-1-9999999999"]
)
async def test_who_resumes_at_an_unknown_id_is_shown_the_newest_run(world: World, last_id: str) -> None:
    visit, _ = await answered(world, "One")
    await world.say(visit)
    await world.reply(await world.claim(), ScriptedLanguageModel(saying("Two")))

    assert told(await world.shown(visit, last_id)) == ["start 1", "0:Two", "end:Two"]


async def test_an_attempt_that_a_running_run_never_had_is_an_unknown_id(world: World) -> None:
    visit, claim = await world.asked()
    await world.crash_after(claim, "Half")
    frames = await world.show(visit, "1-2-1")
    assert frames
    async with aclosing(frames):
        first = await anext(frames)

    assert isinstance(first, Frame)
    assert told([first]) == ["start 1"]


async def test_who_resumes_in_an_older_run_is_shown_its_rest_and_all_newer_ones(world: World) -> None:
    visit, _ = await answered(world, "One", " more")
    await world.say(visit)
    await world.reply(await world.claim(), ScriptedLanguageModel(saying("Two")))

    assert told(await world.shown(visit, "1-1-2")) == ["3: more", "end:One more", "start 1", "0:Two", "end:Two"]


async def test_there_is_nothing_to_show_before_the_first_run_and_behind_the_newest_end(world: World) -> None:
    visit = await world.visit()
    assert await world.show(visit) is None

    visit, _ = await answered(world, "One")
    assert await world.show(visit, str((await world.shown(visit))[-1].id)) is None


async def test_a_run_that_waits_behind_another_is_shown_after_it(world: World) -> None:
    visit, first = await world.asked()
    await world.say(visit, "And then?")
    frames = await world.show(visit, "1-0-0")
    assert frames

    async with asyncio.TaskGroup() as group:
        shown = group.create_task(_collected(frames))
        await world.reply(first, ScriptedLanguageModel(saying("One")))
        await world.reply(await world.claim(), ScriptedLanguageModel(saying("Two")))

    assert told(shown.result()) == ["start 1", "0:One", "end:One", "start 1", "0:Two", "end:Two"]


async def test_who_follows_is_shown_the_runs_to_come(world: World) -> None:
    visit = await world.visit()
    frames = await world.show(visit, follow=True)
    assert frames
    async with aclosing(frames), asyncio.TaskGroup() as group:
        for text in ("One", "Two"):
            shown = group.create_task(_until_end(frames))
            await asyncio.sleep(0)
            await world.say(visit)
            await world.reply(await world.claim(), ScriptedLanguageModel(saying(text)))
            assert told(await shown) == ["start 1", f"0:{text}", f"end:{text}"]


def test_who_follows_an_idle_conversation_hears_silence() -> None:
    async def main() -> None:
        world = World()
        visit, _ = await answered(world, "One")
        last = (await world.shown(visit))[-1]
        frames = await world.show(visit, str(last.id), follow=True)
        assert frames
        async with aclosing(frames):
            began = asyncio.get_running_loop().time()
            assert isinstance(await anext(frames), Notice)
            assert [await anext(frames) for _ in range(3)] == [None] * 3
            assert asyncio.get_running_loop().time() - began == pytest.approx(2 * LOOK_ANYWAY)

    jump(main())


async def test_silence_is_passed_on_however_it_comes_about(world: World) -> None:
    visit = await world.visit()
    follow_conversation = FollowConversation(ConversationFrames(world.conversations, world.log, SilentBell()))
    frames = await follow_conversation(visit.caller, visit.conversation_id, None, follow=True)
    assert frames
    async with aclosing(frames):
        assert isinstance(await anext(frames), Notice)
        assert [await anext(frames) for _ in range(3)] == [None] * 3


def test_who_waits_for_a_queued_run_hears_silence_and_then_the_run() -> None:
    async def main() -> None:
        world = World()
        visit, claim = await world.asked()
        frames = await world.show(visit)
        assert frames
        assert await anext(frames) is None
        await world.reply(claim, ScriptedLanguageModel(saying("One")))
        assert told(await _collected(frames)) == ["start 1", "0:One", "end:One"]

    jump(main())


async def test_an_end_that_nobody_announced_is_told_from_the_database(world: World) -> None:
    visit, _ = await unannounced(world, "One ", "two")
    frames = await world.shown(visit)

    assert told(frames) == ["start 1", "0:One ", "4:two", "end:One two"]
    assert [frame.id for frame in frames] == sorted({frame.id for frame in frames})
    assert await world.show(visit, str(frames[-1].id)) is None


def test_who_waits_for_an_end_that_nobody_announces_is_told_within_moments() -> None:
    async def main() -> None:
        world = World()
        visit, claim = await world.asked()
        frames = await world.show(visit)
        assert frames
        world.log.look = lambda run_id, shown: world.log.forget(run_id) if shown[-1].ends else None
        async with asyncio.TaskGroup() as group:
            shown = group.create_task(_collected(frames))
            await asyncio.sleep(0)
            await world.reply(claim, ScriptedLanguageModel(saying("One")))
        assert told(shown.result()) == ["start 1", "0:One", "end:One"]
        assert asyncio.get_running_loop().time() < 3

    jump(main())


@pytest.mark.parametrize("place", range(4))
async def test_a_log_that_is_gone_is_rebuilt_for_whoever_comes_or_resumes(world: World, place: int) -> None:
    visit, claim = await world.asked()
    await world.reply(claim, ScriptedLanguageModel(calling("list_services", {}, "One "), saying("two")))
    seen = (await world.shown(visit))[place]
    world.log.forget(job_of(claim).run_id)
    whole = ["start 1", "0:One ", "list_services?", "ok", "4:two", "end:One two"]

    frames = await world.shown(visit, str(seen.id))
    assert told(frames) == told(await world.shown(visit)) == whole
    assert min(frame.id for frame in frames) > seen.id
    for number, frame in enumerate(frames, 1):
        assert await world.shown(visit, str(frame.id)) == frames[number:]


async def test_who_has_seen_the_end_is_not_told_it_again_when_the_log_is_gone(world: World) -> None:
    visit, claim = await answered(world, "One ", "two")
    end = (await world.shown(visit))[-1]
    world.log.forget(job_of(claim).run_id)
    assert await world.show(visit, str(end.id)) is None

    world.log.reachable = False
    assert await world.show(visit, str(end.id)) is None


async def test_a_log_that_comes_back_does_not_hide_text_from_who_was_told_without_it(world: World) -> None:
    visit, _ = await unannounced(world, "One ", "two")
    world.log.reachable = False
    (start, *_) = await world.shown(visit)
    world.log.reachable = True

    assert told(await world.shown(visit, str(start.id))) == ["0:One two", "end:One two"]


async def test_a_run_cancelled_before_it_began_is_told_so(world: World) -> None:
    visit = await world.visit()
    posted = await world.say(visit)
    await CancelRun(world.begin, world.clock)(visit.caller, visit.conversation_id, world.run_for(posted).id)

    frames = await world.shown(visit)
    assert told(frames) == ["start 0", "cancelled:"]
    assert await world.show(visit, str(frames[-1].id)) is None


async def test_two_attempts_are_two_beginnings_of_one_message(world: World) -> None:
    visit, claim = await world.asked()
    await world.crash_after(claim, "Half")
    run = await world.reply(await world.claim(), ScriptedLanguageModel(saying("Whole")))

    frames = await world.shown(visit)
    assert told(frames) == ["start 1", "0:Half", "4:…", "start 2", "0:Whole", "end:Whole"]
    assert {getattr(frame.event, "message_id", run.reply_message_id) for frame in frames} == {run.reply_message_id}
    assert told(await world.shown(visit, str(frames[1].id))) == ["4:…", "start 2", "0:Whole", "end:Whole"]


async def test_text_that_was_shown_and_not_kept_is_cut_before_the_end(world: World) -> None:
    visit, claim = await world.asked()
    await world.crash_after(claim, "Kept")
    run = world.run_of(claim)
    await CancelRun(world.begin, world.clock)(visit.caller, visit.conversation_id, run.id)

    frames = await world.shown(visit)
    assert told(frames) == ["start 1", "0:Kept", "4:…", "4:", "cancelled:Kept"]
    assert told(await world.shown(visit, str(frames[2].id))) == ["4:", "cancelled:Kept"]
    assert told(await world.shown(visit, str(frames[3].id))) == ["cancelled:Kept"]


async def test_a_run_whose_job_died_is_told_as_failed(world: World) -> None:
    visit, claim = await world.asked()
    await die(world, claim)

    assert world.run_of(claim).status is RunStatus.FAILED
    assert told(await world.shown(visit)) == ["start 0", "internal:"]


@pytest.mark.parametrize("follow", [False, True])
def test_an_erased_conversation_ends_the_stream(*, follow: bool) -> None:
    async def main() -> None:
        world = World()
        visit, _ = await world.asked()
        frames = await world.show(visit, follow=follow)
        assert frames
        assert not follow or isinstance(await anext(frames), Notice)
        assert await anext(frames) is None
        await EraseConversation(world.begin, world.log, world.clock)(visit.caller, visit.conversation_id)
        assert await _collected(frames) == []

    jump(main())


def test_a_conversation_erased_while_it_is_idle_ends_the_stream() -> None:
    async def main() -> None:
        world = World()
        visit = await world.visit()
        frames = await world.show(visit, follow=True)
        assert frames
        assert isinstance(await anext(frames), Notice)
        assert await anext(frames) is None
        await EraseConversation(world.begin, world.log, world.clock)(visit.caller, visit.conversation_id)
        assert await _collected(frames) == []

    jump(main())


async def test_a_reader_who_lags_too_far_behind_is_dropped(world: World) -> None:
    visit, claim = await world.asked()
    frames = await world.show(visit, "1-0-0", follow=True)
    assert frames
    reading = asyncio.ensure_future(_collected(frames))
    await asyncio.sleep(0)
    await world.reply(claim, ScriptedLanguageModel(saying(*["x"] * 1_500)))

    with pytest.raises(SlowReader):
        await reading


async def test_a_stream_that_is_left_listens_to_nothing_any_more(world: World) -> None:
    visit, _ = await answered(world, "One ", "two")
    topic = conversation_topic(visit.conversation_id)
    for follow in (False, True):
        frames = await world.show(visit, follow=follow)
        assert frames
        await anext(frames)
        assert topic in world.bell._listeners  # pyright: ignore[reportPrivateUsage]
        await frames.aclose()

        assert topic not in world.bell._listeners  # pyright: ignore[reportPrivateUsage]
        assert not world.log.memory._readers  # pyright: ignore[reportPrivateUsage]


async def test_following_starts_repeats_and_ends_nothing(world: World) -> None:
    visit, claim = await answered(world, "One")
    happened, run, job = world.happened(), world.run_of(claim), world.job(claim.job_id)
    for last_id in (None, "1-1-1", "9-9-9"):
        await world.shown(visit, last_id)

    assert (world.happened(), world.run_of(claim), world.job(claim.job_id)) == (happened, run, job)


async def test_the_conversation_of_others_is_not_found(world: World) -> None:
    visit, another = await world.visit(), await world.visit()

    with pytest.raises(NotFound):
        await world.show(Visit(caller=visit.caller, conversation_id=another.conversation_id))
    with pytest.raises(NotFound):
        await world.show(Visit(caller=world.stranger(), conversation_id=visit.conversation_id), follow=True)


async def _collected(frames: Frames) -> list[Frame]:
    return [frame async for frame in frames if isinstance(frame, Frame)]


async def _until_end(frames: Frames) -> list[Frame]:
    collected: list[Frame] = []
    while not (collected and collected[-1].ends):
        frame = await anext(frames)
        collected += [frame] if isinstance(frame, Frame) else []
    return collected
