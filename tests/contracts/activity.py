import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from application.ports.activity import ActivityFilter, ActivityView
from domain.ids import WorkspaceId
from domain.pages import InvalidCursor, encode_cursor
from tests.contracts.examples import (
    Tenant,
    a_connector,
    a_conversation,
    a_service,
    a_tenant,
    later,
    post,
    service_created,
    unstored_service,
)
from tests.contracts.stores import Stores

ALL = ActivityFilter()


class ActivityContract:
    """Every `ActivityViews`, with the units of work that record what it shows."""

    async def _record(self, stores: Stores, tenant: Tenant, count: int) -> None:
        for _ in range(count):
            async with stores.begin() as work:
                work.record(tenant.edited(later(stores)))
                await work.commit(None)

    async def test_an_event_is_shown_as_it_was_recorded(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        service = unstored_service(stores, tenant)
        event = service_created(tenant, service)
        async with stores.begin() as work:
            await work.services.add(service, because=event)
            await work.commit(None)
        assert await stores.activity.after(tenant.id, 1, 10) == [
            ActivityView(
                id=2,
                type="service.created",
                actor=tenant.user.actor,
                subject=event.subject,
                at=event.at,
                causation_id=None,
                data={"service_id": str(service.id), "name": service.name},
            )
        ]

    async def test_events_of_one_unit_keep_their_order(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        events = [tenant.edited(later(stores)) for _ in range(3)]
        async with stores.begin() as work:
            work.record(events[0], other.edited(later(stores)), events[1])
            work.record(events[2])
            await work.commit(None)
        shown = await stores.activity.after(tenant.id, 1, 10)
        assert [(view.id, view.at) for view in shown] == [(2 + n, event.at) for n, event in enumerate(events)]
        assert await stores.activity.head(other.id) == 2

    async def test_numbers_have_no_gaps_whatever_is_undone_and_however_many_commit_at_once(
        self, stores: Stores
    ) -> None:
        tenant = await a_tenant(stores)

        async def record(number: int) -> None:
            async with stores.begin() as work:
                work.record(tenant.edited(later(stores)))
                await asyncio.sleep(0)
                if number % 4:
                    work.record(tenant.edited(later(stores)))
                    await work.commit(None)

        await asyncio.gather(*(record(number) for number in range(20)))
        events = await stores.activity.after(tenant.id, 0, 100)
        assert [event.id for event in events] == list(range(1, 32))
        assert await stores.activity.head(tenant.id) == 31

    async def test_a_reader_who_follows_the_commits_misses_none(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        seen: list[int] = []

        async def follow() -> None:
            while len(seen) < 25:
                seen.extend(event.id for event in await stores.activity.after(tenant.id, len(seen), 3))
                await asyncio.sleep(0)

        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            group.create_task(follow())
            for _ in range(8):
                group.create_task(self._record(stores, tenant, 3))
        assert seen == list(range(1, 26))

    async def test_workspaces_are_numbered_apart(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        await self._record(stores, tenant, 2)
        assert (await stores.activity.head(tenant.id), await stores.activity.head(other.id)) == (3, 1)

    async def test_a_workspace_without_events_has_none(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assert await stores.activity.after(tenant.id, 1, 10) == []
        assert await stores.activity.head(WorkspaceId(uuid4())) == 0

    async def test_events_after_a_number_come_oldest_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await self._record(stores, tenant, 5)
        assert [event.id for event in await stores.activity.after(tenant.id, 2, 3)] == [3, 4, 5]
        assert [event.id for event in await stores.activity.after(tenant.id, 5, 3)] == [6]
        assert [event.id for event in await stores.activity.after(tenant.id, 0, 1)] == [1]

    async def test_events_are_paged_newest_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await self._record(stores, tenant, 6)
        first = await stores.activity.newest(tenant.id, ALL, None, 3)
        await self._record(stores, tenant, 1)
        second = await stores.activity.newest(tenant.id, ALL, first.next_cursor, 3)
        third = await stores.activity.newest(tenant.id, ALL, second.next_cursor, 3)
        assert [event.id for page in (first, second, third) for event in page.items] == [7, 6, 5, 4, 3, 2, 1]
        assert third.next_cursor is None

    async def test_events_are_filtered_by_type_noun_actor_subject_and_number(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        service = await a_service(stores, tenant)
        await a_connector(stores, tenant)
        posted = await post(stores, await a_conversation(stores, tenant))

        async def shown(**only: object) -> list[str]:
            page = await stores.activity.newest(tenant.id, ActivityFilter(**only), None, 100)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
            return [event.type for event in page.items]

        everything = ["message.posted", "conversation.started", "connector.created", "service.created"]
        assert await shown() == [*everything, "workspace.created"]
        assert await shown(type="service.created") == ["service.created"]
        assert await shown(type="message") == ["message.posted"]
        for nothing in ("mess", "message.", "message.post", "m%", "message_posted", "", "%", "_______", "\\"):
            assert await shown(type=nothing) == []
        assert await shown(actor=posted.conversation.id) == ["message.posted", "conversation.started"]
        assert await shown(actor=tenant.user.id, type="workspace") == ["workspace.created"]
        assert await shown(subject=service.id) == ["service.created"]
        assert await shown(since=3) == ["message.posted", "conversation.started"]
        assert await shown(since=3, subject=service.id) == []

    async def test_what_one_user_alone_is_told_is_shown_to_them_alone(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        event = replace(tenant.edited(later(stores)), told_to=tenant.user.id)
        async with stores.begin() as work:
            work.record(event)
            await work.commit(None)
        shown = {
            reader: (await stores.activity.newest(tenant.id, ActivityFilter(reader_id=reader), None, 10)).items
            for reader in (tenant.user.id, other.user.id)
        }
        assert [each.id for each in shown[tenant.user.id]] == [2, 1]
        assert [each.id for each in shown[other.user.id]] == [1]
        (told,) = await stores.activity.after(tenant.id, 1, 10)
        assert told.data["told_to"] == str(tenant.user.id)
        assert (told.is_for(tenant.user.id), told.is_for(other.user.id)) == (True, False)

    async def test_filtered_events_are_paged(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        for position in range(3):
            await a_service(stores, tenant, position)
            await self._record(stores, tenant, 1)
        only = ActivityFilter(type="service")
        first = await stores.activity.newest(tenant.id, only, None, 2)
        second = await stores.activity.newest(tenant.id, only, first.next_cursor, 2)
        assert [event.id for event in [*first.items, *second.items]] == [6, 4, 2]
        assert second.next_cursor is None

    @pytest.mark.parametrize("cursor", ["", "!", "e30", encode_cursor("x"), encode_cursor(1, 2), "é"])
    async def test_a_cursor_that_the_list_never_gave_is_refused(self, stores: Stores, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            await stores.activity.newest((await a_tenant(stores)).id, ALL, cursor, 10)
