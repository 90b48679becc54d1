from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import SYSTEM, Subject
from domain.errors import Invalid
from domain.ids import ConnectorId, ServiceId, WorkspaceId
from domain.scheduling import (
    CONNECTOR_RULES,
    MOST,
    Connector,
    ConnectorActivated,
    ConnectorType,
    Money,
    Service,
    ServiceCreated,
    ServiceFields,
    ServiceFormat,
    ServicesReordered,
    TooMany,
    check_config,
    check_room,
    ordered,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
WORKSPACE = WorkspaceId(uuid4())


def a_service(position: int = 0) -> Service:
    return Service(
        id=ServiceId(uuid4()), workspace_id=WORKSPACE, name="Portrait", position=position, created_at=AT, updated_at=AT
    )


def pointers(config: Mapping[str, object], kind: ConnectorType = ConnectorType.CALENDLY) -> list[str]:
    with pytest.raises(Invalid) as raised:
        check_config(kind, config)
    return [fault.pointer for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("amount", "shown"), [("120.00", "120.00 CZK"), ("0", "0 CZK"), ("99999999.9999", "99999999.9999 CZK")]
)
def test_an_amount_is_kept_exactly(amount: str, shown: str) -> None:
    assert str(Money.parse(amount, "CZK")) == shown


@pytest.mark.parametrize(
    "amount", ["-1", "100000000", "1.00001", "NaN", "Infinity", "sNaN", "", "1,5", "12 CZK", "1e99", "9" * 5_000]
)
def test_other_amounts_are_refused(amount: str) -> None:
    with pytest.raises(Invalid) as raised:
        Money.parse(amount, "CZK")
    assert raised.value.faults[0].pointer == "/price_from/amount"


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_refused(amount: str) -> None:
    try:
        money = Money.parse(amount, "EUR")
    except Invalid:
        return
    assert 0 <= money.amount < 10**8


@pytest.mark.parametrize("currency", ["", "cz", "czk", "CZKK", "ČZK", "12A", "€"])
def test_other_currencies_are_refused(currency: str) -> None:
    with pytest.raises(Invalid) as raised:
        Money(Decimal(1), currency)
    assert raised.value.faults[0].pointer == "/price_from/currency"


def test_a_new_service_comes_behind_the_others() -> None:
    first = Service.offered(WORKSPACE, {"name": " Portrait "}, after=[], at=AT)
    assert (first.name, first.position, first.workspace_id, first.version) == ("Portrait", 0, WORKSPACE, 1)
    assert Service.offered(WORKSPACE, {"name": "x"}, after=[a_service(4), a_service(2)], at=AT).position == 5


def test_a_new_service_has_a_name() -> None:
    with pytest.raises(Invalid) as raised:
        Service.offered(WORKSPACE, {}, after=[], at=AT)
    assert raised.value.faults[0].pointer == "/name"


def test_a_workspace_has_room_for_so_many_things() -> None:
    check_room(MOST - 1, "services")
    with pytest.raises(TooMany, match=f"{MOST} services"):
        check_room(MOST, "services")


def test_all_fields_of_a_service_can_be_edited() -> None:
    service = a_service()
    fields = ServiceFields(
        name=" Wedding ",
        description="All day.",
        format=ServiceFormat.ONLINE,
        duration_minutes=480,
        price_from=Money(Decimal(900), "EUR"),
        active=False,
    )
    assert service.edited(fields, LATER) == replace(
        service,
        name="Wedding",
        description="All day.",
        format=ServiceFormat.ONLINE,
        duration_minutes=480,
        price_from=Money(Decimal(900), "EUR"),
        active=False,
        updated_at=LATER,
    )


def test_null_clears_what_a_service_need_not_have() -> None:
    full = replace(a_service(), description="x", duration_minutes=5, price_from=Money(Decimal(1), "EUR"))
    cleared = full.edited({"description": None, "duration_minutes": None, "price_from": None}, LATER)
    assert (cleared.description, cleared.duration_minutes, cleared.price_from) == ("", None, None)
    assert full.edited({}, LATER) == replace(full, updated_at=LATER)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"description": "x" * 5_001}, "/description"),
        ({"duration_minutes": 0}, "/duration_minutes"),
        ({"duration_minutes": 10_081}, "/duration_minutes"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(fields: ServiceFields, pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        a_service().edited(fields, LATER)
    assert raised.value.faults[0].pointer == pointer


def test_a_service_is_described_by_what_is_known_of_it() -> None:
    bare = a_service()
    assert bare.described() == "Portrait: in person."
    full = replace(bare, description="In the studio.", duration_minutes=60, price_from=Money(Decimal("120.00"), "EUR"))
    assert full.described() == "Portrait: 60 minutes, in person, from 120.00 EUR. In the studio."


@given(st.permutations(range(5)))
def test_services_come_in_the_order_of_the_ids_and_only_moved_ones_change(order: list[int]) -> None:
    services = [a_service(position) for position in range(5)]
    ids = [services[index].id for index in order]
    moved = ordered(services, ids, LATER)
    places = {service.id: service.position for service in services} | {each.id: each.position for each in moved}
    assert sorted(places, key=lambda id_: places[id_]) == ids
    assert all(each.updated_at == LATER for each in moved)
    assert len(moved) == sum(place != index for place, index in enumerate(order))


@pytest.mark.parametrize("wrong", ["missing", "twice", "foreign", "too many"])
def test_an_order_is_exactly_the_set_of_the_services(wrong: str) -> None:
    services = [a_service(0), a_service(1)]
    first, second = services[0].id, services[1].id
    ids = {
        "missing": [first],
        "twice": [first, first],
        "foreign": [first, ServiceId(uuid4())],
        "too many": [first, second, second],
    }[wrong]
    with pytest.raises(Invalid) as raised:
        ordered(services, ids, LATER)
    assert raised.value.faults[0].code == "not_the_set"


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (ConnectorType.CALENDLY, "https://calendly.com/harbour"),
        (ConnectorType.CALENDLY, " https://team.calendly.com:443/harbour?x=1 "),
        (ConnectorType.SQUARE, "https://book.squareup.com/a"),
        (ConnectorType.SQUARE, "https://harbour.square.site"),
        (ConnectorType.AGENDAPRO, "https://agendapro.com/a"),
        (ConnectorType.LINK, "https://example.com/book"),
    ],
)
def test_a_page_of_the_types_host_is_taken(kind: ConnectorType, url: str) -> None:
    config = check_config(kind, {"url": url})
    assert (config.url, config.secrets) == (url.strip(), {})


@pytest.mark.parametrize(
    "url",
    [
        "http://calendly.com/a",
        "https://calendly.com.evil.com/a",
        "https://evilcalendly.com/a",
        "https://calendly.com@evil.com/",
        "https://evil.com\\@calendly.com/",
        "https://calendly.com:8443/a",
        "https://calendly.com:port/a",
        "https://[calendly.com/a",
        "https://calendly.com/a b",
        "https://calendly.com/é",
        "https://calendly.com/\x00",
        "https://calendly.com/" + "x" * 2_000,
        "javascript:alert(1)",
        "https://",
        "",
        None,
        5,
    ],
)
def test_no_other_page_is_taken(url: object) -> None:
    assert pointers({"url": url}) == ["/config/url"]


def test_a_secret_is_kept_apart_and_null_removes_it() -> None:
    url = "https://calendly.com/a"
    assert check_config(ConnectorType.CALENDLY, {"url": url, "api_token": "s"}).secrets == {"api_token": "s"}
    assert check_config(ConnectorType.CALENDLY, {"url": url, "api_token": None}).secrets == {"api_token": None}


@pytest.mark.parametrize("secret", ["", "x" * 1_001, 5, ["s"]])
def test_a_secret_that_cannot_be_taken_is_named(secret: object) -> None:
    assert pointers({"url": "https://calendly.com/a", "api_token": secret}) == ["/config/api_token"]


def test_every_wrong_key_is_named() -> None:
    assert pointers({"api_key": "x", "api_token": ""}) == ["/config/api_key", "/config/url", "/config/api_token"]
    assert pointers({"url": "x", "api_token": "s"}, ConnectorType.LINK) == ["/config/api_token", "/config/url"]


def test_the_sentence_names_the_hosts() -> None:
    with pytest.raises(Invalid, match=r"an https address on squareup\.com or square\.site\."):
        check_config(ConnectorType.SQUARE, {})
    with pytest.raises(Invalid, match=r"an https address\.$"):
        check_config(ConnectorType.LINK, {})


def test_every_type_has_its_rule() -> None:
    assert set(CONNECTOR_RULES) == set(ConnectorType)


def test_a_connector_is_configured_activated_and_deactivated() -> None:
    connector = Connector(
        id=ConnectorId(uuid4()),
        workspace_id=WORKSPACE,
        type=ConnectorType.LINK,
        url="https://example.com",
        sealed={},
        created_at=AT,
        updated_at=AT,
    )
    active = connector.activated(LATER)
    assert active == replace(connector, active=True, updated_at=LATER)
    assert active.deactivated(LATER) == replace(connector, updated_at=LATER)
    other = connector.configured("https://example.com/b", {"k": b"s"}, LATER)
    assert other == replace(connector, url="https://example.com/b", sealed={"k": b"s"}, updated_at=LATER)


def test_events_name_what_they_are_about() -> None:
    service_id, connector_id = ServiceId(uuid4()), ConnectorId(uuid4())
    created = ServiceCreated(workspace_id=WORKSPACE, actor=SYSTEM, at=AT, service_id=service_id, name="Portrait")
    assert created.subject == Subject("service", service_id)
    activated = ConnectorActivated(
        workspace_id=WORKSPACE, actor=SYSTEM, at=AT, connector_id=connector_id, connector_type="link"
    )
    assert activated.subject == Subject("connector", connector_id)
    reordered = ServicesReordered(workspace_id=WORKSPACE, actor=SYSTEM, at=AT)
    assert (reordered.subject, reordered.data) == (Subject("workspace", WORKSPACE), {})
