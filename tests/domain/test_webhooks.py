import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from standardwebhooks import Webhook as Verifier

from domain.activity import Event
from domain.actors import SYSTEM
from domain.errors import Invalid
from domain.ids import ConversationId, MessageId, WorkspaceId
from domain.webhooks import (
    MAX_TRIES,
    MOST_ATTEMPTS,
    ROTATION,
    WAITS,
    Attempt,
    Delivery,
    DeliveryFailed,
    DeliveryNotResendable,
    DeliveryStatus,
    DisabledReason,
    SendFault,
    SigningSecret,
    Webhook,
    WebhookCreated,
    check_url,
    signed_headers,
    wait_after,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://bridge.example/hooks?token=planted"


def a_webhook() -> Webhook:
    return Webhook(workspace_id=WorkspaceId(uuid4()), url=URL, sealed=b"one", created_at=AT, updated_at=AT)


def a_delivery() -> Delivery:
    return Delivery.of_message(WorkspaceId(uuid4()), ConversationId(uuid4()), MessageId(uuid4()), AT)


def answered(status: int) -> Attempt:
    return Attempt(at=AT, status_code=status, milliseconds=12)


@pytest.mark.parametrize(
    "url",
    [
        "https://bridge.example",
        "https://bridge.example:8443/hooks?workspace=1",
        "  https://bridge.example/  ",
        "https://8.8.8.8/hook",
        "https://[2606:4700:4700::1111]/hook",
        "https://3com.example/hook",
    ],
)
def test_an_https_address_is_taken(url: str) -> None:
    assert check_url(url, private=False) == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bridge.example",
        "//bridge.example/hook",
        "https://",
        "ftp://bridge.example/",
        "http://bridge.example/",
        "https://user:password@bridge.example/",
        "https://bridge.example@evil.example/",
        "https://bridge.example/#part",
        "https://bridge.example\\@evil.example/",
        "https://bridge.example/a b",
        "https://bridge.example/\x00",
        "https://bücher.example/",
        "https://bridge.example:port/",
        "https://bridge.example:0/",
        "https://bridge.example:99999/",
        "https://[::1/",
        "https://[nonsense]/",
        "https://2130706433/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://0x7f.0.0.0x1/",
        "https://127.0.0.1./",
        "https://1.2.3.4.5/",
        f"https://bridge.example/{'a' * 2000}",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as raised:
        check_url(url, private=False)
    assert [(fault.pointer, fault.code) for fault in raised.value.faults] == [("/url", "bad_url")]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0", "localhost", "x.localhost."],  # noqa: S104
)
def test_an_address_that_is_not_public_is_refused_at_once_unless_it_is_allowed(host: str) -> None:
    with pytest.raises(Invalid) as raised:
        check_url(f"https://{host}/", private=False)
    assert raised.value.faults[0].code == "address_refused"
    assert check_url(f"http://{host}:8080/", private=True) == f"http://{host}:8080/"


def test_a_port_that_no_web_server_has_is_refused_unless_it_is_allowed() -> None:
    with pytest.raises(Invalid) as raised:
        check_url("https://bridge.example:25/", private=False)
    assert [(fault.pointer, fault.code) for fault in raised.value.faults] == [("/url", "port_refused")]
    assert check_url("https://bridge.example:25/", private=True) == "https://bridge.example:25/"


def test_a_secret_is_shown_as_its_receivers_expect_it_and_in_no_other_way() -> None:
    secret = SigningSecret.made()

    assert secret != SigningSecret.made()
    assert secret.reveal().startswith("whsec_")
    assert base64.b64decode(secret.reveal().removeprefix("whsec_")) == secret.key
    assert 24 <= len(secret.key) <= 64
    assert str(secret.key) not in repr(secret)
    assert repr(b"one") not in repr(a_webhook().rotated(b"two", AT))


def test_signatures_are_those_of_standard_webhooks() -> None:
    """The numbers are those of the specification's reference libraries."""
    secret = SigningSecret(base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    at = datetime.fromtimestamp(1614265330, UTC)

    headers = signed_headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_receiver_verifies_with_either_of_two_secrets() -> None:
    old, new = SigningSecret.made(), SigningSecret.made()
    body = json.dumps({"type": "webhook.test", "name": "Žofie"}, ensure_ascii=False).encode()

    headers = signed_headers([new, old], str(uuid4()), datetime.now(UTC), body)

    for secret in (old, new):
        assert Verifier(secret.reveal()).verify(body, headers) == json.loads(body)


def test_after_a_rotation_the_old_secret_also_signs_for_a_day() -> None:
    rotated = a_webhook().rotated(b"two", AT)

    assert rotated.signing(AT) == (b"two", b"one")
    assert rotated.signing(AT + ROTATION - timedelta(seconds=1)) == (b"two", b"one")
    assert rotated.signing(AT + ROTATION) == (b"two",)
    assert rotated.rotated(b"three", AT).signing(AT) == (b"three", b"two")


def test_a_disabled_webhook_is_active_again_when_its_owner_says_so() -> None:
    disabled = a_webhook().disabled(DisabledReason.GONE, AT)
    assert (disabled.active, disabled.disabled_reason) == (False, DisabledReason.GONE)

    edited = disabled.edited(URL, AT, active=True)
    assert (edited.active, edited.disabled_reason) == (True, None)


def test_the_first_retry_comes_within_seconds_and_the_last_within_days() -> None:
    assert MAX_TRIES == 10
    assert list(WAITS) == sorted(WAITS)
    assert (WAITS[0], sum(WAITS, timedelta())) == (timedelta(seconds=5), timedelta(hours=75, minutes=35, seconds=5))


@pytest.mark.parametrize("failures", range(1, MAX_TRIES))
def test_a_wait_is_what_the_schedule_says_and_up_to_a_tenth_more(failures: int) -> None:
    waits = {wait_after(failures, answered(500), None) for _ in range(50)}

    assert all(WAITS[failures - 1] <= wait <= WAITS[failures - 1] * 1.1 for wait in waits)
    assert len(waits) > 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_longer_wait_that_the_receiver_asks_for_is_heeded_up_to_a_day(status: int) -> None:
    hour, week = timedelta(hours=1), timedelta(days=7)

    assert hour <= wait_after(1, answered(status), hour) <= hour * 1.1
    assert wait_after(1, answered(status), week) <= timedelta(days=1) * 1.1
    assert wait_after(2, answered(status), timedelta(seconds=1)) >= WAITS[1]


def test_what_other_answers_ask_for_is_not_heeded() -> None:
    assert wait_after(1, answered(500), timedelta(hours=1)) < timedelta(seconds=6)


@pytest.mark.parametrize(
    ("status", "delivered"), [(199, False), (200, True), (204, True), (299, True), (301, False), (410, False)]
)
def test_any_2xx_is_a_delivery_and_a_redirect_is_none(status: int, delivered: bool) -> None:
    assert answered(status).delivered is delivered
    assert answered(status).refused is (status == 410)
    assert answered(status).outcome == f"http_{status}"


def test_no_answer_is_no_delivery() -> None:
    attempt = Attempt(at=AT, error=SendFault.TIMEOUT, milliseconds=10_000)

    assert (attempt.delivered, attempt.refused, attempt.outcome) == (False, False, "timeout")


def test_a_delivery_remembers_its_newest_attempts() -> None:
    delivery = a_delivery()
    for milliseconds in range(MOST_ATTEMPTS + 5):
        delivery = delivery.tried(Attempt(at=AT, status_code=500, milliseconds=milliseconds))

    assert [attempt.milliseconds for attempt in delivery.attempts] == list(range(5, MOST_ATTEMPTS + 5))


def test_a_delivery_moves_as_its_table_says() -> None:
    pending = a_delivery()
    failed, cancelled, delivered = pending.failed(AT), pending.cancelled(AT), pending.delivered(AT)

    assert (failed.status, cancelled.status) == (DeliveryStatus.FAILED, DeliveryStatus.CANCELLED)
    assert delivered.status is DeliveryStatus.DELIVERED
    assert {failed.ended_at, cancelled.ended_at, delivered.ended_at} == {AT}
    assert failed.reopened() == cancelled.reopened() == pending
    for wrong in (pending, delivered):
        with pytest.raises(DeliveryNotResendable):
            wrong.reopened()
    for ended in (failed, cancelled, delivered):
        with pytest.raises(DeliveryNotResendable):
            ended.delivered(AT)


@pytest.mark.parametrize(
    "event",
    [
        WebhookCreated.of(a_webhook(), by=SYSTEM, at=AT),
        DeliveryFailed.of(a_delivery(), by=SYSTEM, at=AT),
    ],
    ids=lambda event: event.type,
)
def test_events_tell_no_address_and_no_secret(event: Event) -> None:
    told = json.dumps(event.data)
    assert "planted" not in told
    assert "bridge" not in told
