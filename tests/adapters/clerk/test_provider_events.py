import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typing_extensions import override

from adapters.clerk.provider_events import ClerkEvents
from application.ports.provider_events import ProviderEvents
from domain.identity import BadSignature
from tests.adapters.clerk.sending import SECRET, event_of, signed
from tests.contracts.provider_events import AT, ISSUER, ProviderEventsContract, Sending, a_change

OTHER = "whsec_" + base64.b64encode(b"o" * 24).decode()


class TestClerkEvents(ProviderEventsContract):
    @pytest.fixture
    @override
    def events(self) -> ClerkEvents:
        return ClerkEvents(ISSUER, [SECRET])

    @pytest.fixture
    @override
    def send(self, events: ProviderEvents) -> Sending:
        return lambda delivery: signed(event_of(delivery.change), identifier=delivery.id)

    @pytest.fixture
    @override
    def unconfigured(self) -> ProviderEvents:
        return ClerkEvents(ISSUER, [])


@pytest.fixture
def events() -> ClerkEvents:
    return ClerkEvents(ISSUER, [SECRET])


@pytest.mark.parametrize("secret", [SECRET, OTHER])
def test_while_the_secret_is_rotated_either_is_taken(secret: str) -> None:
    rotating = ClerkEvents(ISSUER, [OTHER, SECRET])

    assert rotating.read(*signed(event_of(a_change()), secret=secret)).change == a_change()


def test_another_secret_is_refused(events: ClerkEvents) -> None:
    with pytest.raises(BadSignature):
        events.read(*signed(event_of(a_change()), secret=OTHER))


def test_a_sender_that_rotates_signs_twice(events: ClerkEvents) -> None:
    headers, body = signed(event_of(a_change()))
    other, _ = signed(event_of(a_change()), secret=OTHER)
    headers["svix-signature"] = f"{other['svix-signature']} {headers['svix-signature']}"

    assert events.read(headers, body).change == a_change()


@pytest.mark.parametrize("age", [timedelta(minutes=4, seconds=50), timedelta(minutes=-4, seconds=-50)])
def test_five_minutes_are_tolerated(events: ClerkEvents, age: timedelta) -> None:
    assert events.read(*signed(event_of(a_change()), age=age)).change == a_change()


@pytest.mark.parametrize("age", [timedelta(minutes=5, seconds=10), timedelta(minutes=-5, seconds=-10)])
def test_more_is_not(events: ClerkEvents, age: timedelta) -> None:
    with pytest.raises(BadSignature):
        events.read(*signed(event_of(a_change()), age=age))


@pytest.mark.parametrize(
    "change",
    [
        {"svix-signature": ""},
        {"svix-signature": "v1"},
        {"svix-signature": "v1,!"},
        {"svix-signature": "v1,é"},
        {"svix-signature": "v2,AAAA"},
        {"svix-signature": "v1,AAAA,BBBB"},
        {"svix-timestamp": ""},
        {"svix-timestamp": "soon"},
        {"svix-timestamp": "nan"},
        {"svix-timestamp": "inf"},
        {"svix-timestamp": "9" * 400},
        {"svix-id": ""},
        {"svix-id": "msg_2"},
    ],
    ids=str,
)
def test_headers_that_were_changed_are_refused(events: ClerkEvents, change: dict[str, str]) -> None:
    headers, body = signed(event_of(a_change()))
    with pytest.raises(BadSignature):
        events.read(headers | change, body)


@pytest.mark.parametrize("identifier", ["x" * 201, "a\x00b"])
def test_an_id_that_cannot_be_kept_is_refused(events: ClerkEvents, identifier: str) -> None:
    with pytest.raises(BadSignature):
        events.read(*signed(event_of(a_change()), identifier=identifier))


@pytest.mark.parametrize(
    "event",
    [
        b"",
        b"x",
        b"[]",
        b"null",
        b"[" * 100_000,
        {},
        {"type": 7, "data": {"id": "user_1"}},
        {"type": "user.updated"},
        {"type": "user.updated", "data": []},
        {"type": "user.updated", "data": {"id": 7}},
        {"type": "user.updated", "data": {"id": "\ud800"}},
        {"type": "organization.created", "data": {"id": "org_1"}},
        {"type": "user.createdAtEdge", "data": {"id": "user_1"}},
    ],
    ids=lambda event: str(event)[:40],
)
def test_what_is_signed_and_tells_nothing_of_a_user_concerns_nobody(events: ClerkEvents, event: Any) -> None:
    assert events.read(*signed(event)).change is None


@pytest.mark.parametrize("kind", ["user.created", "user.updated"])
def test_the_time_is_that_of_the_user(events: ClerkEvents, kind: str) -> None:
    event = event_of(a_change(), kind) | {"timestamp": 7}

    assert events.read(*signed(event)).change == a_change()


@pytest.mark.parametrize("odd", [None, "1", True, 10**30, 1.5])
def test_without_one_it_is_that_of_the_event(events: ClerkEvents, odd: object) -> None:
    event = event_of(a_change())
    event["data"]["updated_at"] = odd
    event["timestamp"] = int(AT.timestamp() * 1000) + 1

    assert events.read(*signed(event)).change == replace(a_change(), at=AT + timedelta(milliseconds=1))


def test_and_without_that_it_is_that_of_the_sending(events: ClerkEvents) -> None:
    event = event_of(a_change())
    del event["data"]["updated_at"], event["timestamp"]
    change = events.read(*signed(event)).change

    assert change is not None
    assert abs(change.at - datetime.now(UTC)) < timedelta(minutes=1)
