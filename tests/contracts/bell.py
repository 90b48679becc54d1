"""What every bell promises. A test class per adapter inherits the contract and overrides its fixtures."""

import asyncio

import pytest

from application.ports.bell import Bell

LONG = 20.0  # seconds, for what comes at once
SHORT = 0.1  # seconds, to see that nothing comes


class BellContract:
    @pytest.fixture
    def bell(self) -> Bell:
        raise NotImplementedError

    async def test_a_listener_hears_its_topic(self, bell: Bell) -> None:
        async with bell.listen("tea") as listener:
            await bell.ring(["tea"])

            assert await listener.heard(LONG)

    async def test_a_listener_hears_a_ring_that_comes_while_it_waits(self, bell: Bell) -> None:
        async with bell.listen("tea") as listener, asyncio.TaskGroup() as group:
            waiting = group.create_task(listener.heard(LONG))
            await asyncio.sleep(0)
            await bell.ring(["tea"])

            assert await waiting

    async def test_silence_is_false(self, bell: Bell) -> None:
        async with bell.listen("tea") as listener:
            assert not await listener.heard(0)
            assert not await listener.heard(SHORT)

    async def test_a_listener_does_not_hear_another_topic(self, bell: Bell) -> None:
        async with bell.listen("tea") as listener:
            await bell.ring(["coffee"])

            assert not await listener.heard(SHORT)

    async def test_a_listener_does_not_hear_what_rang_before(self, bell: Bell) -> None:
        await bell.ring(["tea"])
        async with bell.listen("tea") as listener:
            assert not await listener.heard(SHORT)

    async def test_what_was_heard_is_heard_once(self, bell: Bell) -> None:
        async with bell.listen("tea") as listener:
            await bell.ring(["tea"])
            assert await listener.heard(LONG)

            assert not await listener.heard(SHORT)

    async def test_a_later_ring_is_heard_again(self, bell: Bell) -> None:
        async with bell.listen("tea") as listener:
            await bell.ring(["tea"])
            assert await listener.heard(LONG)
            await bell.ring(["tea"])

            assert await listener.heard(LONG)

    async def test_all_listeners_of_all_topics_rung_hear_it(self, bell: Bell) -> None:
        async with bell.listen("tea") as one, bell.listen("tea") as two, bell.listen("coffee") as three:
            await bell.ring(["tea", "coffee"])

            assert [await listener.heard(LONG) for listener in (one, two, three)] == [True, True, True]

    async def test_a_listener_goes_on_when_another_of_its_topic_leaves(self, bell: Bell) -> None:
        async with bell.listen("tea") as staying:
            async with bell.listen("tea"):
                pass
            await bell.ring(["tea"])

            assert await staying.heard(LONG)

    async def test_a_topic_can_be_left_and_listened_to_again(self, bell: Bell) -> None:
        for _ in range(3):
            async with bell.listen("tea") as listener:
                await bell.ring(["tea"])

                assert await listener.heard(LONG)

    async def test_a_wait_can_be_cancelled_and_loses_no_ring(self, bell: Bell) -> None:
        async with bell.listen("tea") as listener:
            waiting = asyncio.create_task(listener.heard(LONG))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await bell.ring(["tea"])

            assert await listener.heard(LONG)

    async def test_ringing_nothing_or_nobody_is_no_error(self, bell: Bell) -> None:
        async with bell.listen("tea") as listener:
            await bell.ring([])
            await bell.ring(["nobody listens"])
            assert not await listener.heard(SHORT)

            await bell.ring(["tea"])
            assert await listener.heard(LONG)
