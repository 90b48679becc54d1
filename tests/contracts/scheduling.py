import asyncio
from dataclasses import replace

import pytest

from application.ports.scheduling import ConnectorView, ServiceView
from domain.errors import EditConflict, NotFound
from domain.pages import InvalidCursor, encode_cursor
from domain.scheduling import ActiveConnectorExists, Connector, ConnectorType, ServiceFormat
from tests.contracts.examples import (
    Tenant,
    a_connector,
    a_service,
    a_tenant,
    connector_created,
    later,
    refused,
    unstored_connector,
    unstored_service,
)
from tests.contracts.stores import Stores

NAIVE = encode_cursor("2026-03-02T09:00:00", "0" * 32)


class ServicesContract:
    """Every `Services`."""

    async def test_a_service_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        full = await a_service(stores, tenant, 3)
        bare = await a_service(
            stores,
            tenant,
            4,
            description="",
            format=ServiceFormat.IN_PERSON,
            duration_minutes=None,
            price_from=None,
            active=False,
        )
        async with stores.begin() as work:
            assert await work.services.get(full.id) == full
            assert await work.services.get(bare.id) == bare

    async def test_an_unknown_service_is_not_found(self, stores: Stores) -> None:
        unknown = unstored_service(stores, await a_tenant(stores))
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.services.get(unknown.id)

    async def test_the_services_of_a_workspace_come_by_position(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        services = [await a_service(stores, tenant, position) for position in (2, 0, 1)]
        await a_service(stores, await a_tenant(stores))
        async with stores.begin() as work:
            found = await work.services.of_workspace(tenant.id)
        assert list(found) == [services[1], services[2], services[0]]

    async def test_callers_who_need_all_services_wait_for_each_other(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)

        async def add() -> None:
            async with stores.begin() as work:
                position = len(await work.services.of_workspace(tenant.id))
                service = unstored_service(stores, tenant, position)
                await work.services.add(service, because=tenant.edited(later(stores)))
                await work.commit(None)

        await asyncio.gather(*(add() for _ in range(8)))
        page = await stores.scheduling.services(tenant.id, None, 100)
        assert [view.position for view in page.items] == list(range(8))

    async def test_saving_raises_the_version_by_one(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        service = await a_service(stores, tenant)
        async with stores.begin() as work:
            saved = await work.services.save(
                replace(service, name="Renamed", price_from=None), because=tenant.edited(later(stores))
            )
            await work.commit(None)
        assert saved == replace(service, name="Renamed", price_from=None, version=2)
        async with stores.begin() as work:
            assert await work.services.get(service.id) == saved

    async def test_of_two_units_that_read_one_version_the_second_gets_the_conflict(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        service = await a_service(stores, tenant)
        async with stores.begin() as one, stores.begin() as two:
            first, second = await one.services.get(service.id), await two.services.get(service.id)
            await one.services.save(replace(first, name="First"), because=tenant.edited(later(stores)))
            await one.commit(None)
            with pytest.raises(EditConflict):
                await two.services.save(replace(second, name="Second"), because=tenant.edited(later(stores)))

    async def test_a_removed_service_is_gone_and_cannot_be_saved(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        service = await a_service(stores, tenant)
        async with stores.begin() as work:
            await work.services.remove(service, because=tenant.edited(later(stores)))
            with pytest.raises(NotFound):
                await work.services.get(service.id)
            await work.commit(None)
        assert await stores.scheduling.service(service.id) is None
        async with refused(stores, EditConflict) as work:
            await work.services.save(service, because=tenant.edited(later(stores)))

    async def test_of_two_who_remove_a_service_at_once_one_does(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        service = await a_service(stores, tenant)
        head = await stores.activity.head(tenant.id)

        async def remove() -> bool:
            try:
                async with stores.begin() as work:
                    await work.services.remove(service, because=tenant.edited(later(stores)))
                    return await work.commit(True)
            except EditConflict:
                return False

        assert sorted(await asyncio.gather(remove(), remove())) == [False, True]
        assert await stores.activity.head(tenant.id) == head + 1

    async def test_a_service_that_was_changed_meanwhile_is_not_removed(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        service = await a_service(stores, tenant)
        async with stores.begin() as work:
            await work.services.save(service, because=tenant.edited(later(stores)))
            await work.commit(None)
        async with refused(stores, EditConflict) as work:
            await work.services.remove(service, because=tenant.edited(later(stores)))
        assert await stores.scheduling.service(service.id) is not None

    async def test_several_services_of_one_unit_need_one_event(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        services = [await a_service(stores, tenant, position) for position in (0, 1)]
        async with stores.begin() as work:
            for service in services:
                await work.services.save(replace(service, position=1 - service.position))
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        page = await stores.scheduling.services(tenant.id, None, 10)
        assert [view.id for view in page.items] == [services[1].id, services[0].id]


class ConnectorsContract:
    """Every `Connectors`."""

    async def test_a_connector_is_stored_as_it_was(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        secret = await a_connector(stores, tenant, active=True)
        bare = await a_connector(stores, tenant, type=ConnectorType.LINK, url="https://example.com/b", sealed={})
        async with stores.begin() as work:
            assert await work.connectors.get(secret.id) == secret
            assert await work.connectors.get(bare.id) == bare

    async def test_an_unknown_connector_is_not_found(self, stores: Stores) -> None:
        unknown = unstored_connector(stores, await a_tenant(stores))
        async with stores.begin() as work:
            with pytest.raises(NotFound):
                await work.connectors.get(unknown.id)

    async def test_the_connectors_of_a_workspace_come_oldest_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        connectors = [await a_connector(stores, tenant) for _ in range(3)]
        await a_connector(stores, await a_tenant(stores))
        async with stores.begin() as work:
            assert list(await work.connectors.of_workspace(tenant.id)) == connectors

    async def test_a_second_active_connector_is_refused_whatever_the_path(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await a_connector(stores, tenant, active=True)
        waiting = await a_connector(stores, tenant)
        another = unstored_connector(stores, tenant, active=True)
        async with refused(stores, ActiveConnectorExists) as work:
            await work.connectors.add(another, because=connector_created(tenant, another))
        async with refused(stores, ActiveConnectorExists) as work:
            await work.connectors.save(waiting.activated(later(stores)), because=tenant.edited(later(stores)))

    async def test_each_workspace_has_an_active_connector_of_its_own(self, stores: Stores) -> None:
        connectors = [await a_connector(stores, await a_tenant(stores), active=True) for _ in range(2)]
        for connector in connectors:
            view = await stores.scheduling.connector(connector.id)
            assert view is not None
            assert view.active

    async def test_of_two_who_add_an_active_connector_at_once_one_does(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        answers = await asyncio.gather(
            *(a_connector(stores, tenant, active=True) for _ in range(2)), return_exceptions=True
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["ActiveConnectorExists", "Connector"]

    async def test_two_activations_at_once_both_succeed_and_one_stays_active(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        connectors = [await a_connector(stores, tenant) for _ in range(2)]
        await asyncio.gather(*(self._activate(stores, tenant, connector) for connector in connectors))
        page = await stores.scheduling.connectors(tenant.id, None, 10)
        assert sorted(view.active for view in page.items) == [False, True]

    async def _activate(self, stores: Stores, tenant: Tenant, connector: Connector) -> None:
        async with stores.begin() as work:
            for each in await work.connectors.of_workspace(tenant.id):
                if each.active and each.id != connector.id:
                    await work.connectors.save(each.deactivated(later(stores)))
            chosen = await work.connectors.get(connector.id)
            await work.connectors.save(chosen.activated(later(stores)), because=tenant.edited(later(stores)))
            await work.commit(None)

    async def test_saving_raises_the_version_by_one(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        connector = await a_connector(stores, tenant)
        changed = connector.configured("https://calendly.com/other", {}, later(stores))
        async with stores.begin() as work:
            saved = await work.connectors.save(changed, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert saved == replace(changed, version=2)
        async with stores.begin() as work:
            assert await work.connectors.get(connector.id) == saved

    async def test_of_two_units_that_read_one_version_the_second_gets_the_conflict(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        connector = await a_connector(stores, tenant)
        async with stores.begin() as one, stores.begin() as two:
            first, second = await one.connectors.get(connector.id), await two.connectors.get(connector.id)
            await one.connectors.save(first.activated(later(stores)), because=tenant.edited(later(stores)))
            await one.commit(None)
            with pytest.raises(EditConflict):
                await two.connectors.save(second.activated(later(stores)), because=tenant.edited(later(stores)))

    async def test_a_removed_connector_is_gone_and_cannot_be_saved(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        connector = await a_connector(stores, tenant, active=True)
        async with stores.begin() as work:
            await work.connectors.remove(connector, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.scheduling.connector(connector.id) is None
        assert (await a_connector(stores, tenant, active=True)).active
        async with refused(stores, EditConflict) as work:
            await work.connectors.save(connector, because=tenant.edited(later(stores)))

    async def test_of_two_who_remove_a_connector_at_once_one_does(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        connector = await a_connector(stores, tenant)
        head = await stores.activity.head(tenant.id)

        async def remove() -> bool:
            try:
                async with stores.begin() as work:
                    await work.connectors.remove(connector, because=tenant.edited(later(stores)))
                    return await work.commit(True)
            except EditConflict:
                return False

        assert sorted(await asyncio.gather(remove(), remove())) == [False, True]
        assert await stores.activity.head(tenant.id) == head + 1

    async def test_a_connector_that_was_changed_meanwhile_is_not_removed(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        connector = await a_connector(stores, tenant)
        async with stores.begin() as work:
            await work.connectors.save(connector, because=tenant.edited(later(stores)))
            await work.commit(None)
        async with refused(stores, EditConflict) as work:
            await work.connectors.remove(connector, because=tenant.edited(later(stores)))
        assert await stores.scheduling.connector(connector.id) is not None


class SchedulingViewsContract:
    """Every `SchedulingViews`."""

    async def test_services_are_paged_by_position(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        services = [await a_service(stores, tenant, position) for position in range(5)]
        await a_service(stores, await a_tenant(stores))
        first = await stores.scheduling.services(tenant.id, None, 2)
        second = await stores.scheduling.services(tenant.id, first.next_cursor, 2)
        third = await stores.scheduling.services(tenant.id, second.next_cursor, 2)
        assert [*first.items, *second.items, *third.items] == [ServiceView.of(service) for service in services]
        assert third.next_cursor is None

    async def test_a_page_that_ends_the_list_has_no_cursor(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assert (await stores.scheduling.services(tenant.id, None, 2)).next_cursor is None
        await a_service(stores, tenant, 0)
        await a_service(stores, tenant, 1)
        assert (await stores.scheduling.services(tenant.id, None, 2)).next_cursor is None
        assert (await stores.scheduling.services(tenant.id, None, 1)).next_cursor is not None

    async def test_connectors_are_paged_newest_first(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        connectors = [await a_connector(stores, tenant) for _ in range(5)]
        await a_connector(stores, await a_tenant(stores))
        first = await stores.scheduling.connectors(tenant.id, None, 3)
        second = await stores.scheduling.connectors(tenant.id, first.next_cursor, 3)
        views = [ConnectorView.of(connector) for connector in reversed(connectors)]
        assert [*first.items, *second.items] == views
        assert second.next_cursor is None

    async def test_single_views_are_those_of_what_was_written(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        service, connector = await a_service(stores, tenant), await a_connector(stores, tenant)
        assert await stores.scheduling.service(service.id) == ServiceView.of(service)
        assert await stores.scheduling.connector(connector.id) == ConnectorView.of(connector)

    async def test_a_view_never_holds_a_secret(self, stores: Stores) -> None:
        connector = await a_connector(stores, await a_tenant(stores))
        view = await stores.scheduling.connector(connector.id)
        assert view is not None
        assert view.config == {"url": connector.url, "has_api_token": True}

    async def test_what_is_not_there_is_none(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        assert await stores.scheduling.service(unstored_service(stores, tenant).id) is None
        assert await stores.scheduling.connector(unstored_connector(stores, tenant).id) is None

    @pytest.mark.parametrize(
        "cursor",
        ["", "!", "e30", "WzFd", encode_cursor("x"), encode_cursor("x", "y"), encode_cursor(1, 2, 3), NAIVE, "é"],
    )
    async def test_a_cursor_that_the_list_never_gave_is_refused(self, stores: Stores, cursor: str) -> None:
        tenant = await a_tenant(stores)
        with pytest.raises(InvalidCursor):
            await stores.scheduling.services(tenant.id, cursor, 10)
        with pytest.raises(InvalidCursor):
            await stores.scheduling.connectors(tenant.id, cursor, 10)
