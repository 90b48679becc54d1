from datetime import timedelta

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from domain.conversations import RunStatus
from tests.application.conversations.script import calling, saying, told
from tests.application.doubles import ActingLanguageModel
from tests.application.world import World, job_of
from tests.contracts.run_log import frames_of


async def test_a_log_lost_midway_is_begun_anew_with_all_there_is(world: World) -> None:
    visit, claim = await world.asked()
    run_id = job_of(claim).run_id
    script = ScriptedLanguageModel(calling("list_services", {}, "One ", "two "), saying("three ", "four"))

    async def lose() -> None:
        world.log.forget(run_id)

    await world.reply(claim, ActingLanguageModel(script, {"three ": lose}))

    frames = await frames_of(world.log, run_id)
    assert told(frames) == [
        "start 1",
        "0:One two ",
        "list_services?",
        "ok",
        "8:three ",
        "14:four",
        "end:One two three four",
    ]
    assert [frame.id.sequence for frame in frames] == list(range(7, 14))
    assert frames[-1].id.sequence == world.run(run_id).last_sequence
    assert told(await world.shown(visit))[-1] == "end:One two three four"


async def test_a_log_lost_while_a_tool_is_called_shows_the_call(world: World) -> None:
    _, claim = await world.asked()
    run_id = job_of(claim).run_id

    script = ScriptedLanguageModel(calling("list_services", {}, "One "), saying("two"))
    world.log.look = lambda _run_id, frames: (
        world.log.forget(run_id) if told(list(frames)) == ["list_services?"] else None
    )
    await world.reply(claim, script)

    assert told(await frames_of(world.log, run_id)) == [
        "start 1",
        "0:One ",
        "list_services?",
        "ok",
        "4:two",
        "end:One two",
    ]


async def test_a_log_out_of_reach_is_tried_every_other_second_only(world: World) -> None:
    visit, claim = await world.asked()
    texts = [f"{number} " for number in range(30)]

    async def a_bit() -> None:
        world.clock.advance(timedelta(seconds=0.1))

    world.log.reachable = False
    script = ScriptedLanguageModel(saying(*texts))
    run = await world.reply(claim, ActingLanguageModel(script, dict.fromkeys(texts, a_bit)))

    assert run.status is RunStatus.COMPLETED
    assert world.said(visit)[-1] == "".join(texts)
    assert world.log.tries <= 4


async def test_a_log_in_reach_again_shows_what_was_missed(world: World) -> None:
    _, claim = await world.asked()
    run_id = job_of(claim).run_id

    async def a_while() -> None:
        await world.log.connect()
        world.clock.advance(timedelta(seconds=2))

    script = ScriptedLanguageModel(saying("One ", "two ", "three ", "four"))
    model = ActingLanguageModel(script, {"two ": world.log.cut_off, "four": a_while})
    await world.reply(claim, model)

    assert told(await frames_of(world.log, run_id)) == [
        "start 1",
        "0:One ",
        "start 1",
        "0:One two three four",
        "end:One two three four",
    ]


@pytest.mark.parametrize("seconds", [0, 2])
async def test_no_end_is_announced_behind_a_gap(world: World, seconds: int) -> None:
    visit, claim = await world.asked()

    async def back() -> None:
        world.clock.advance(timedelta(seconds=seconds))

    script = ScriptedLanguageModel(saying("One ", "two ", "three"))
    await world.reply(claim, ActingLanguageModel(script, {"two ": world.log.cut_off, "three": back}))
    await world.log.connect()

    assert told(await frames_of(world.log, job_of(claim).run_id)) == ["start 1", "0:One "]
    assert told(await world.shown(visit)) == ["start 1", "0:One ", "4:two three", "end:One two three"]


async def test_an_end_that_cannot_be_announced_is_no_error(world: World) -> None:
    visit, claim = await world.asked()
    world.log.look = lambda run_id, frames: world.log.forget(run_id) if frames[-1].ends else None
    run = await world.reply(claim, ScriptedLanguageModel(saying("Hello.")))

    assert run.status is RunStatus.COMPLETED
    assert told(await world.shown(visit)) == ["start 1", "0:Hello.", "end:Hello."]
