"""What every reader of an issuer's messages promises. A test class per adapter overrides its fixtures."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from application.ports.provider_events import ProviderEvents
from domain.identity import BadSignature, IdentityChanged, NotConfigured, ProviderDelivery

Sending = Callable[[ProviderDelivery], tuple[Mapping[str, str], bytes]]
ISSUER = "https://clerk.example.com"
AT = datetime(2026, 1, 2, 12, 0, 0, 123_000, tzinfo=UTC)


def a_change(**changed: object) -> IdentityChanged:
    told = {"email": "ann@example.com", "email_verified": True, "name": "Ann Lee"}
    return IdentityChanged(issuer=ISSUER, subject="user_1", at=AT, **told | changed)  # type: ignore[arg-type]


CHANGES = {
    "whole": a_change(),
    "not verified": a_change(email_verified=False),
    "no email": a_change(email=None, email_verified=False),
    "no name": a_change(name=""),
    "deleted": IdentityChanged(issuer=ISSUER, subject="user_1", at=AT, deleted=True),
    "nothing that concerns us": None,
}


class ProviderEventsContract:
    @pytest.fixture
    @abstractmethod
    def events(self) -> ProviderEvents:
        raise NotImplementedError

    @pytest.fixture
    @abstractmethod
    def send(self, events: ProviderEvents) -> Sending:
        raise NotImplementedError

    @pytest.fixture
    @abstractmethod
    def unconfigured(self) -> ProviderEvents:
        raise NotImplementedError

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_what_is_told_is_read(self, events: ProviderEvents, send: Sending, change: IdentityChanged | None) -> None:
        delivery = ProviderDelivery(id="msg_1", change=change)

        assert events.read(*send(delivery)) == delivery

    def test_a_body_that_was_changed_is_refused(self, events: ProviderEvents, send: Sending) -> None:
        headers, body = send(ProviderDelivery(id="msg_1", change=a_change()))
        for other in (body + b" ", body[:-1], b"", b"\xff"):
            with pytest.raises(BadSignature):
                events.read(headers, other)

    def test_without_a_signature_nothing_is_read(self, events: ProviderEvents, send: Sending) -> None:
        _, body = send(ProviderDelivery(id="msg_1", change=a_change()))
        with pytest.raises(BadSignature):
            events.read({}, body)

    def test_without_an_issuer_nothing_is_read(self, unconfigured: ProviderEvents, send: Sending) -> None:
        with pytest.raises(NotConfigured):
            unconfigured.read(*send(ProviderDelivery(id="msg_1", change=a_change())))
