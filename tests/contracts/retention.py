from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.conversations import Conversation, ConversationStatus, HandledBy, is_expired, is_idle
from domain.workspaces import Retention
from tests.contracts.examples import MEMBER, Tenant, a_tenant, conversation_started, edited, ids, later
from tests.contracts.stores import Stores

DAY = timedelta(days=1)
MANY = 10_000  # more than other tests leave behind


async def _kept(stores: Stores, tenant: Tenant, since: datetime, **fields: Any) -> Conversation:
    """A conversation last changed at this moment."""
    started = Conversation.started(tenant.id, None, None, since - DAY)
    conversation = replace(started, updated_at=since, **fields)
    async with stores.begin() as work:
        await work.conversations.add(conversation, because=conversation_started(conversation))
        return await work.commit(conversation)


async def _closed(stores: Stores, tenant: Tenant, since: datetime, status: ConversationStatus) -> Conversation:
    return await _kept(stores, tenant, since, status=status, closed_at=since)


class RetentionViewsContract:
    """Every `RetentionViews`."""

    async def test_idle_are_open_conversations_without_activity_that_no_person_has_to_do_with(
        self, stores: Stores
    ) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        retention = (await edited(stores, tenant, retention=Retention(close_idle_days=3))).retention
        due = [await _kept(stores, tenant, at - days * DAY) for days in (3, 400)]
        kept = [
            await _kept(stores, tenant, at - 3 * DAY + timedelta(microseconds=1)),
            await _kept(stores, tenant, at),
            await _kept(stores, tenant, at - 9 * DAY, waiting_since=at - 9 * DAY),
            await _kept(stores, tenant, at - 9 * DAY, handled_by=HandledBy.HUMAN, handler=MEMBER),
            await _closed(stores, tenant, at - 9 * DAY, ConversationStatus.CLOSED),
        ]
        found = set(await stores.retention.idle(at, MANY))
        assert found & set(ids([*due, *kept])) == set(ids(due))
        assert [is_idle(each, retention, at) for each in (*due, *kept)] == [True] * 2 + [False] * 5

    async def test_expired_are_conversations_that_were_closed_or_archived_long_ago(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        retention = (await edited(stores, tenant, retention=Retention(erase_closed_days=30))).retention
        due = [
            await _closed(stores, tenant, at - 30 * DAY, ConversationStatus.CLOSED),
            await _closed(stores, tenant, at - 31 * DAY, ConversationStatus.ARCHIVED),
        ]
        kept = [
            await _closed(stores, tenant, at - 30 * DAY + timedelta(microseconds=1), ConversationStatus.CLOSED),
            await _kept(stores, tenant, at - 99 * DAY),
        ]
        found = set(await stores.retention.expired(at, MANY))
        assert found & set(ids([*due, *kept])) == set(ids(due))
        assert [is_expired(each, retention, at) for each in (*due, *kept)] == [True, True, False, False]

    @pytest.mark.parametrize("retention", [Retention(), Retention(close_idle_days=5, erase_closed_days=5)])
    async def test_each_workspace_keeps_its_own(self, stores: Stores, retention: Retention) -> None:
        tenant, other, at = await a_tenant(stores), await a_tenant(stores), later(stores)
        await edited(stores, tenant, retention=retention)
        await edited(stores, other, retention=Retention(close_idle_days=1, erase_closed_days=1))
        since = at - 2 * DAY
        idle = [await _kept(stores, each, since) for each in (tenant, other)]
        expired = [await _closed(stores, each, since, ConversationStatus.CLOSED) for each in (tenant, other)]
        assert set(await stores.retention.idle(at, MANY)) & set(ids(idle)) == {idle[1].id}
        assert set(await stores.retention.expired(at, MANY)) & set(ids(expired)) == {expired[1].id}

    async def test_no_more_are_given_than_were_asked_for(self, stores: Stores) -> None:
        tenant, at = await a_tenant(stores), later(stores)
        await edited(stores, tenant, retention=Retention(close_idle_days=1, erase_closed_days=1))
        for _ in range(3):
            await _kept(stores, tenant, at - 2 * DAY)
            await _closed(stores, tenant, at - 2 * DAY, ConversationStatus.CLOSED)
        assert len(await stores.retention.idle(at, 2)) == 2
        assert len(await stores.retention.expired(at, 2)) == 2
