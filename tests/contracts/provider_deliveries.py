"""What every store of issuers' messages promises. A test class per adapter inherits it and overrides its fixtures."""

import asyncio
from abc import abstractmethod
from datetime import UTC, datetime, timedelta

import pytest

from application.ports.provider_deliveries import ProviderDeliveryLog, ProviderEventsWork
from application.ports.unit_of_work import Begin

AT = datetime(2026, 1, 2, 12, tzinfo=UTC)


class ProviderDeliveriesContract:
    @pytest.fixture
    @abstractmethod
    def begin(self) -> Begin[ProviderEventsWork]:
        raise NotImplementedError

    @pytest.fixture
    @abstractmethod
    def log(self) -> ProviderDeliveryLog:
        raise NotImplementedError

    async def test_a_message_is_new_once(self, begin: Begin[ProviderEventsWork]) -> None:
        assert [await _comes(begin, "msg_1"), await _comes(begin, "msg_2")] == [True, True]
        assert [await _comes(begin, "msg_1"), await _comes(begin, "msg_2")] == [False, False]

    async def test_what_was_not_committed_did_not_come(self, begin: Begin[ProviderEventsWork]) -> None:
        async with begin() as work:
            assert await work.provider_deliveries.add("msg_undone", AT)

        assert await _comes(begin, "msg_undone")

    async def test_of_many_at_once_one_is_new(self, begin: Begin[ProviderEventsWork]) -> None:
        came = await asyncio.gather(*(_comes(begin, "msg_many") for _ in range(5)))

        assert sorted(came) == [False, False, False, False, True]

    async def test_old_ones_are_forgotten(self, begin: Begin[ProviderEventsWork], log: ProviderDeliveryLog) -> None:
        await log.purge(AT + timedelta(days=1))
        await _comes(begin, "msg_old", AT - timedelta(seconds=1))
        await _comes(begin, "msg_young", AT)

        assert [await log.purge(AT), await log.purge(AT)] == [1, 0]
        assert [await _comes(begin, "msg_old"), await _comes(begin, "msg_young")] == [True, False]


async def _comes(begin: Begin[ProviderEventsWork], delivery_id: str, at: datetime = AT) -> bool:
    async with begin() as work:
        return await work.commit(await work.provider_deliveries.add(delivery_id, at))
