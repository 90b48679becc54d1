import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.http.system import Member, System, pointers, problem

SERVICE_FIELDS = set("id workspace_id name description format duration_minutes price_from active position".split())
SECRET = "planted-secret-of-a-connector"
CALENDLY = {"type": "calendly", "config": {"url": "https://calendly.com/me/intro"}}
LINK = {"type": "link", "config": {"url": "https://book.example/"}}


async def created(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_a_service_is_made_read_changed_and_removed(member: Member) -> None:
    sent = {
        "name": "Portrait",
        "description": "Twelve photos.",
        "format": "in_person",
        "duration_minutes": 90,
        "price_from": {"amount": "120.00", "currency": "CZK"},
    }
    answer = await member.api.post(f"{member.path}/services", json=sent)
    service = await created(answer)
    address = answer.headers["location"]
    assert address == f"/api/v1/services/{service['id']}"
    assert set(service) >= SERVICE_FIELDS - {"workspace_id"}
    assert {name: service[name] for name in sent} == sent
    read = await member.api.get(address)
    assert (read.json(), read.headers["etag"]) == (service, answer.headers["etag"])
    changed = (await member.api.patch(address, json={"price_from": None, "name": "Portraits"})).json()
    assert (changed["price_from"], changed["name"], changed["duration_minutes"]) == (None, "Portraits", 90)
    stale = await member.api.delete(address, headers={"If-Match": answer.headers["etag"]})
    problem(stale, 412, "stale")
    removed = await member.api.delete(address)
    assert (removed.status_code, removed.content) == (204, b"")
    problem(await member.api.get(address), 404, "not_found")
    problem(await member.api.delete(address), 404, "not_found")


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "n" * 201}, "/name"),
        ({"name": "a", "description": "d" * 5_001}, "/description"),
        ({"name": "a", "format": "by_post"}, "/format"),
        ({"name": "a", "duration_minutes": 0}, "/duration_minutes"),
        ({"name": "a", "duration_minutes": 10_081}, "/duration_minutes"),
        ({"name": "a", "duration_minutes": 10**30}, "/duration_minutes"),
        ({"name": "a", "duration_minutes": 1.5}, "/duration_minutes"),
        ({"name": "a", "price_from": {"amount": "-1", "currency": "EUR"}}, "/price_from/amount"),
        ({"name": "a", "price_from": {"amount": "1e30", "currency": "EUR"}}, "/price_from/amount"),
        ({"name": "a", "price_from": {"amount": "NaN", "currency": "EUR"}}, "/price_from/amount"),
        ({"name": "a", "price_from": {"amount": "1.23456", "currency": "EUR"}}, "/price_from/amount"),
        ({"name": "a", "price_from": {"amount": 1, "currency": "EUR"}}, "/price_from/amount"),
        ({"name": "a", "price_from": {"amount": "1", "currency": "euro"}}, "/price_from/currency"),
        ({"name": "a", "price_from": {"amount": "1"}}, "/price_from/currency"),
        ({"name": "a", "position": 3}, "/position"),
    ],
)
async def test_a_field_of_a_service_that_cannot_be_taken_is_named(
    member: Member, sent: dict[str, object], pointer: str
) -> None:
    assert pointers(await member.api.post(f"{member.path}/services", json=sent)) == [pointer]
    assert (await member.api.get(f"{member.path}/services")).json()["items"] == []


async def test_services_come_in_their_order_page_by_page(member: Member) -> None:
    names = [f"Service {number}" for number in range(7)]
    ids = [
        (await created(await member.api.post(f"{member.path}/services", json={"name": name})))["id"] for name in names
    ]
    listed: list[str] = []
    cursor: str | None = None
    for expected in (3, 3, 1):
        query: dict[str, str] = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = (await member.api.get(f"{member.path}/services", params=query)).json()
        assert len(page["items"]) == expected
        listed += [service["name"] for service in page["items"]]
        cursor = page["next_cursor"]
    assert (listed, cursor) == (names, None)
    order = [*ids[::-2], *ids[1::2]]
    put = await member.api.put(f"{member.path}/services/order", json={"ids": order})
    assert [service["id"] for service in put.json()["items"]] == order
    found = (await member.api.get(f"{member.path}/services")).json()["items"]
    assert [service["id"] for service in found] == order
    assert [service["position"] for service in found] == list(range(7))


async def test_an_order_names_exactly_the_services_there_are(system: System, member: Member) -> None:
    path = f"{member.path}/services"
    first, second = [(await created(await member.api.post(path, json={"name": name})))["id"] for name in "ab"]
    foreign = (await system.owner.get(f"/api/v1/workspaces/{(await system.workspace())['id']}/services")).json()
    for ids in (
        [],
        [first],
        [first, first],
        [first, second, first],
        [first, str(uuid4())],
        [first, second, str(uuid4())],
        [first, foreign["items"][0]["id"]],
    ):
        assert pointers(await member.api.put(f"{path}/order", json={"ids": ids})) == ["/ids"]
    assert pointers(await member.api.put(f"{path}/order", json={"ids": ["x"]})) == ["/ids/0"]
    assert [service["id"] for service in (await member.api.get(path)).json()["items"]] == [first, second]


async def test_services_made_and_ordered_at_once_keep_one_order(member: Member) -> None:
    path = f"{member.path}/services"
    made = await asyncio.gather(*(member.api.post(path, json={"name": f"S{number}"}) for number in range(8)))
    assert {answer.status_code for answer in made} == {201}
    ids = [answer.json()["id"] for answer in made]
    orders = [ids, ids[::-1], sorted(ids)]
    answers = await asyncio.gather(*(member.api.put(f"{path}/order", json={"ids": order}) for order in orders))
    assert {answer.status_code for answer in answers} == {200}
    found = (await member.api.get(path)).json()["items"]
    assert [service["id"] for service in found] in orders
    assert [service["position"] for service in found] == list(range(8))


async def test_a_connector_is_made_read_changed_and_removed(member: Member) -> None:
    answer = await member.api.post(f"{member.path}/connectors", json=CALENDLY)
    connector = await created(answer)
    address = answer.headers["location"]
    assert address == f"/api/v1/connectors/{connector['id']}"
    assert connector["config"] == {"url": "https://calendly.com/me/intro", "has_api_token": False}
    assert (connector["type"], connector["active"]) == ("calendly", False)
    changed = await member.api.patch(address, json={"config": {"api_token": SECRET}})
    assert changed.json()["config"] == {"url": "https://calendly.com/me/intro", "has_api_token": True}
    kept = await member.api.patch(address, json={"config": {"url": "https://calendly.com/me/other"}})
    assert kept.json()["config"] == {"url": "https://calendly.com/me/other", "has_api_token": True}
    cleared = await member.api.patch(address, json={"config": {"api_token": None}})
    assert cleared.json()["config"]["has_api_token"] is False
    problem(await member.api.patch(address, json={"config": {}}, headers={"If-Match": '"1"'}), 412, "stale")
    assert (await member.api.delete(address)).status_code == 204
    problem(await member.api.get(address), 404, "not_found")


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"type": "calendly", "config": {}}, "/config/url"),
        ({"type": "calendly", "config": {"url": "http://calendly.com/me"}}, "/config/url"),
        ({"type": "calendly", "config": {"url": "https://calendly.com.evil.example/me"}}, "/config/url"),
        ({"type": "calendly", "config": {"url": "https://evil.example/calendly.com"}}, "/config/url"),
        ({"type": "calendly", "config": {"url": "https://calendly.com@evil.example/"}}, "/config/url"),
        ({"type": "calendly", "config": {"url": "https://notcalendly.com/me"}}, "/config/url"),
        ({"type": "calendly", "config": {"url": 5}}, "/config/url"),
        ({"type": "square", "config": {"url": "https://calendly.com/me"}}, "/config/url"),
        ({"type": "agendapro", "config": {"url": "https://square.site/me"}}, "/config/url"),
        ({"type": "link", "config": {"url": "javascript:alert(1)"}}, "/config/url"),
        ({"type": "link", "config": {"url": "https://a.example/", "api_token": "x"}}, "/config/api_token"),
        ({"type": "calendly", "config": {"url": "https://calendly.com/me", "api_token": 5}}, "/config/api_token"),
        ({"type": "calendly", "config": {"url": "https://calendly.com/me", "api_token": ""}}, "/config/api_token"),
        ({"type": "doodle", "config": {"url": "https://doodle.com/me"}}, "/type"),
        ({"config": {"url": "https://doodle.com/me"}}, "/type"),
        ({"type": "link", "config": []}, "/config"),
        ({"type": "link", "config": {"url": "https://a.example/"}, "name": "x"}, "/name"),
    ],
)
async def test_a_config_that_does_not_fit_its_type_is_refused(
    member: Member, sent: dict[str, object], pointer: str
) -> None:
    assert pointers(await member.api.post(f"{member.path}/connectors", json=sent)) == [pointer]
    assert (await member.api.get(f"{member.path}/connectors")).json()["items"] == []


@pytest.mark.parametrize(
    ("kind", "url", "key"),
    [
        ("calendly", "https://calendly.com/me", "api_token"),
        ("square", "https://squareup.com/me", "access_token"),
        ("agendapro", "https://me.agendapro.com/", "api_key"),
    ],
)
async def test_a_secret_is_sealed_at_rest_and_never_told(
    system: System, member: Member, kind: str, url: str, key: str
) -> None:
    sent = {"type": kind, "config": {"url": url, key: SECRET}, "active": True}
    made = await member.api.post(f"{member.path}/connectors", json=sent, headers={"Idempotency-Key": "made"})
    address = made.headers["location"]
    answers = [
        made,
        await member.api.get(address),
        await member.api.get(f"{member.path}/connectors"),
        await member.api.post(f"{address}/activate"),
        await member.api.patch(address, json={"config": {"url": url}}),
        await member.api.get(f"{member.path}/activity"),
        await system.client.get(f"/api/v1/public/workspaces/{member.handle}"),
    ]
    assert all(answer.is_success for answer in answers)
    assert not [answer.text for answer in answers if SECRET in answer.text]
    assert made.json()["config"][f"has_{key}"] is True
    assert await system.holders_of(SECRET) == []


async def test_activating_a_connector_deactivates_the_one_that_was(member: Member) -> None:
    path = f"{member.path}/connectors"
    first = await created(await member.api.post(path, json={**CALENDLY, "active": True}))
    second = await created(await member.api.post(path, json=LINK))
    answer = await member.api.post(f"/api/v1/connectors/{second['id']}/activate")
    assert (answer.status_code, answer.json()["active"]) == (200, True)
    assert await _active(member) == [second["id"]]
    third = await created(await member.api.post(path, json={**LINK, "active": True}))
    assert await _active(member) == [third["id"]]
    off = await member.api.post(f"/api/v1/connectors/{third['id']}/deactivate")
    assert (off.status_code, off.json()["active"]) == (200, False)
    assert (await member.api.post(f"/api/v1/connectors/{third['id']}/deactivate")).status_code == 200
    assert await _active(member) == []
    await member.api.post(f"/api/v1/connectors/{first['id']}/activate")
    assert (await member.api.delete(f"/api/v1/connectors/{first['id']}")).status_code == 204
    assert await _active(member) == []


async def test_activating_what_has_changed_since_it_was_read_is_stale(member: Member) -> None:
    made = await member.api.post(f"{member.path}/connectors", json=LINK)
    address, etag = made.headers["location"], made.headers["etag"]
    await member.api.patch(address, json={"config": {"url": "https://other.example/"}})
    for verb in ("activate", "deactivate"):
        problem(await member.api.post(f"{address}/{verb}", headers={"If-Match": etag}), 412, "stale")
    assert await _active(member) == []


async def test_of_activations_at_once_all_succeed_and_one_stays(member: Member) -> None:
    path = f"{member.path}/connectors"
    ids = [(await created(await member.api.post(path, json=LINK)))["id"] for _ in range(4)]
    for _ in range(3):
        answers = await asyncio.gather(*(member.api.post(f"/api/v1/connectors/{id_}/activate") for id_ in ids))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert len(await _active(member)) == 1
    made = await asyncio.gather(*(member.api.post(path, json={**LINK, "active": True}) for _ in range(4)))
    assert {answer.status_code for answer in made} == {201}
    assert len(await _active(member)) == 1


async def test_the_database_itself_keeps_a_second_connector_from_being_active(system: System, member: Member) -> None:
    for _ in range(2):
        await member.api.post(f"{member.path}/connectors", json=LINK)
    with pytest.raises(Exception, match="uq_connectors_active"):
        await system.sql("update connectors set active = true where workspace_id = %s", member.workspace_id)


async def _active(member: Member) -> list[str]:
    items = (await member.api.get(f"{member.path}/connectors")).json()["items"]
    return [connector["id"] for connector in items if connector["active"]]
