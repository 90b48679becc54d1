import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.webhook_sender import MemoryWebhookSender, Sent
from application.jobs.cancel_job import CancelJob
from application.ports.webhook_sender import SendAnswer
from domain.conversations import Conversation, ConversationErased
from domain.jobs import JobStatus, LeaseLost, TryAgain
from domain.json import json_of
from domain.webhooks import (
    MAX_TRIES,
    ROTATION,
    WAITS,
    Attempt,
    DeliveryStatus,
    DisabledReason,
    SendFault,
    SigningSecret,
    signed_headers,
)
from tests.application.webhooks.desk import URL, Desk, job_of
from tests.application.world import LEASE


class ActingWebhookSender(MemoryWebhookSender):
    """Does something right before it answers."""

    def __init__(self, act: Callable[[], Awaitable[object]], *answers: SendAnswer | SendFault) -> None:
        super().__init__(*answers)
        self._act = act

    @override
    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> SendAnswer:
        await self._act()
        return await super().send(url, headers, body)


def told(sent: Sent) -> Any:
    return json.loads(sent.body)


def signatures(desk: Desk, sent: Sent, *secrets: str | None) -> str:
    """What these secrets sign for what was sent, now."""
    world = desk.world
    webhook = world.store.webhooks.rows[desk.workspace.id]
    stored = [
        SigningSecret(world.secret_box.unseal(each, purpose=f"webhook:{desk.workspace.id}"))
        for each in webhook.signing(world.clock.now())
    ]
    keys = [key for shown in secrets for key in stored if key.reveal() == shown]
    assert len(keys) == len(secrets)
    return signed_headers(keys, str(desk.delivery().id), world.clock.now(), sent.body)["webhook-signature"]


async def erase(desk: Desk, conversation: Conversation) -> None:
    async with desk.world.begin() as work:
        locked = await work.conversations.lock(conversation.id)
        because = ConversationErased(
            workspace_id=locked.workspace_id,
            actor=desk.owner.actor,
            at=desk.world.clock.now(),
            conversation_id=locked.id,
        )
        await work.conversations.erase(locked, because=because)
        await work.commit(None)


async def test_a_message_is_told_with_its_thread_and_signed(desk: Desk) -> None:
    made = await desk.set()
    conversation = await desk.conversation()
    message = await desk.say(conversation, "Přijďte v devět.")
    sender = MemoryWebhookSender()
    await desk.work(sender)

    (sent,) = sender.sent
    assert sent.url == URL
    payload = told(sent)
    data = payload["data"]
    assert (payload["type"], payload["timestamp"]) == ("message.sent", json_of(message.created_at))
    assert (data["conversation_id"], data["channel"], data["thread_id"]) == (
        str(conversation.id),
        "whatsapp",
        "+420777",
    )
    assert data["message"] == {
        "id": str(message.id),
        "conversation_id": str(conversation.id),
        "position": 1,
        "role": "member",
        "author": {"type": "user", "id": str(desk.owner.actor.id), "name": "Ada"},
        "content": "Přijďte v devět.",
        "status": "complete",
        "run_id": None,
        "created_at": json_of(message.created_at),
    }
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["webhook-id"] == str(desk.delivery().id)
    assert sent.headers["webhook-timestamp"] == str(int(desk.world.clock.now().timestamp()))
    assert sent.headers["webhook-signature"] == signatures(desk, sent, made.secret)


async def test_a_delivery_and_its_job_end_together(desk: Desk) -> None:
    await desk.set()
    await desk.say(await desk.conversation())

    async def a_while() -> None:
        desk.world.clock.advance(timedelta(milliseconds=250))

    begun = desk.world.clock.now()
    await desk.work(ActingWebhookSender(a_while, SendAnswer(202)))

    delivery, (job,) = desk.delivery(), desk.jobs()
    assert (delivery.status, delivery.ended_at) == (DeliveryStatus.DELIVERED, desk.world.clock.now())
    assert delivery.attempts == (Attempt(at=begun, status_code=202, milliseconds=250),)
    assert (job.status, job.result) == (JobStatus.SUCCEEDED, {"outcome": "http_202"})
    assert "delivery" not in " ".join(desk.happened())


async def test_a_test_tells_nothing_of_anybody(desk: Desk) -> None:
    await desk.set()
    view = await desk.send_test()
    sender = MemoryWebhookSender()
    await desk.work(sender)

    assert told(sender.sent[0]) == {
        "type": "webhook.test",
        "timestamp": json_of(view.created_at),
        "data": {"workspace_id": str(desk.workspace.id)},
    }
    assert desk.delivery().status is DeliveryStatus.DELIVERED
    assert "webhook.tested" in desk.happened()


async def test_for_a_day_after_a_rotation_both_secrets_sign(desk: Desk) -> None:
    made = await desk.set()
    rotated = await desk.rotate()
    sender = MemoryWebhookSender(SendAnswer(500))
    await desk.send_test()
    await desk.work(sender)
    assert sender.sent[0].headers["webhook-signature"] == signatures(desk, sender.sent[0], rotated.secret, made.secret)

    desk.world.clock.advance(ROTATION)
    await desk.work(sender)
    assert sender.sent[1].headers["webhook-signature"] == signatures(desk, sender.sent[1], rotated.secret)


async def test_what_is_not_taken_is_tried_again_by_the_schedule_until_it_is(desk: Desk) -> None:
    await desk.set()
    await desk.say(await desk.conversation())
    sender = MemoryWebhookSender(SendAnswer(500), SendFault.TIMEOUT, SendAnswer(301), SendAnswer(200))
    for failures, wait in enumerate(WAITS[:3], start=1):
        await desk.work(sender)
        (job,) = desk.jobs()
        assert (job.status, job.failures, desk.delivery().status) == (
            JobStatus.QUEUED,
            failures,
            DeliveryStatus.PENDING,
        )
        assert wait <= job.run_at - desk.world.clock.now() <= wait * 1.1
        desk.world.clock.advance(job.run_at - desk.world.clock.now())
    await desk.work(sender)

    assert desk.delivery().status is DeliveryStatus.DELIVERED
    assert [attempt.outcome for attempt in desk.delivery().attempts] == ["http_500", "timeout", "http_301", "http_200"]
    assert {sent.headers["webhook-id"] for sent in sender.sent} == {str(desk.delivery().id)}
    assert len({sent.headers["webhook-timestamp"] for sent in sender.sent}) == 4
    assert len({sent.body for sent in sender.sent}) == 1


async def test_a_wait_that_the_receiver_asks_for_is_heeded(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    await desk.work(MemoryWebhookSender(SendAnswer(429, timedelta(hours=3))))

    assert desk.jobs()[0].run_at - desk.world.clock.now() >= timedelta(hours=3)


async def test_after_the_last_try_it_has_failed(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    begun = desk.world.clock.now()
    sender = MemoryWebhookSender(SendFault.CANNOT_CONNECT)
    await desk.work_until_dead(sender)

    delivery, (job,) = desk.delivery(), desk.jobs()
    assert len(sender.sent) == len(delivery.attempts) == MAX_TRIES
    assert (delivery.status, job.status, job.error) == (DeliveryStatus.FAILED, JobStatus.DEAD, "cannot_connect")
    assert timedelta(hours=75) < desk.world.clock.now() - begun < timedelta(hours=84)
    assert desk.happened()[-2:] == ["job.died", "delivery.failed"]


async def test_a_receiver_that_is_gone_is_sent_nothing_more(desk: Desk) -> None:
    await desk.set()
    conversation = await desk.conversation()
    first, second = await desk.say(conversation, "One"), await desk.say(conversation, "Two")
    sender = MemoryWebhookSender(SendAnswer(410))
    await desk.work(sender, (await desk.world.queue.claim(["deliver_webhook"], 1, LEASE))[0])
    await desk.work(sender)

    by_message = {delivery.message_id: delivery for delivery in desk.deliveries()}
    webhook = desk.world.store.webhooks.rows[desk.workspace.id]
    assert (webhook.active, webhook.disabled_reason) == (False, DisabledReason.GONE)
    assert len(sender.sent) == 1
    assert by_message[first.id].status is DeliveryStatus.FAILED
    assert by_message[first.id].attempts[-1].status_code == 410
    assert by_message[second.id].status is DeliveryStatus.CANCELLED
    assert [job.status for job in desk.jobs()] == [JobStatus.DEAD, JobStatus.CANCELLED]
    assert desk.happened()[-3:] == ["webhook.disabled", "delivery.failed", "delivery.cancelled"]


async def test_a_receiver_that_was_replaced_meanwhile_is_not_disabled(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()

    async def replace_it() -> None:
        await desk.set("https://other.example/")

    await desk.work(ActingWebhookSender(replace_it, SendAnswer(410)))

    assert desk.world.store.webhooks.rows[desk.workspace.id].active
    assert desk.delivery().status is DeliveryStatus.FAILED


@pytest.mark.parametrize("how", ["erased", "blanked", "turned off", "removed"])
async def test_what_there_is_no_reason_to_send_any_more_is_cancelled(desk: Desk, how: str) -> None:
    await desk.set()
    conversation = await desk.conversation()
    message = await desk.say(conversation)
    match how:
        case "erased":
            await erase(desk, conversation)
        case "blanked":
            blanked = replace(message, content="", blanked_at=desk.world.clock.now())
            desk.world.store.messages.rows[message.id] = blanked
        case "turned off":
            await desk.set(active=False)
        case _:
            await desk.remove()
    sender = MemoryWebhookSender()
    await desk.work(sender)

    delivery, (job,) = desk.delivery(), desk.jobs()
    assert sender.sent == []
    assert (delivery.status, delivery.attempts, job.status) == (DeliveryStatus.CANCELLED, (), JobStatus.CANCELLED)
    assert desk.happened()[-1] == "delivery.cancelled"


async def test_a_worker_that_dies_after_sending_leads_to_the_same_delivery_once_more(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    claim = await desk.claim()

    async def lose_the_lease() -> None:
        desk.world.clock.advance(LEASE)
        await desk.world.queue.expire()

    lost = ActingWebhookSender(lose_the_lease)
    with pytest.raises(LeaseLost):
        await desk.deliver(claim, lost)
    assert (desk.delivery().status, desk.delivery().attempts) == (DeliveryStatus.PENDING, ())
    again = MemoryWebhookSender()
    await desk.work(again)

    assert desk.delivery().status is DeliveryStatus.DELIVERED
    assert lost.sent[0].headers["webhook-id"] == again.sent[0].headers["webhook-id"]
    assert lost.sent[0].body == again.sent[0].body


async def test_failures_that_no_attempt_tells_of_count_in_the_schedule(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    await desk.claim()
    desk.world.clock.advance(LEASE)
    await desk.world.queue.expire()
    claim = await desk.claim()

    with pytest.raises(TryAgain) as raised:
        await desk.deliver(claim, MemoryWebhookSender(SendAnswer(500)))
    assert WAITS[1] <= raised.value.after <= WAITS[1] * 1.1


async def test_a_delivery_that_has_ended_is_not_sent_again(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    claim = await desk.claim()
    await desk.work(MemoryWebhookSender(), claim)
    sender = MemoryWebhookSender()
    await desk.deliverer(sender)(job_of(claim), claim, MemoryJobProgress())

    assert sender.sent == []


async def test_one_whose_workspace_is_gone_is_nothing_to_send(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    desk.world.store.deliveries.rows.clear()
    sender = MemoryWebhookSender()
    await desk.deliver(await desk.claim(), sender)

    assert sender.sent == []


async def test_a_suspended_workspace_sends_nothing(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    workspaces = desk.world.store.workspaces.rows
    workspaces[desk.workspace.id] = replace(workspaces[desk.workspace.id], suspended_at=desk.world.clock.now())
    sender = MemoryWebhookSender()
    await desk.work(sender)

    assert (sender.sent, desk.delivery().status) == ([], DeliveryStatus.CANCELLED)


async def test_a_cancelled_job_leaves_its_delivery_cancelled(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    world = desk.world
    await CancelJob(world.begin, world.jobs, desk.burials, world.clock)(desk.owner, desk.delivery().job_id)

    assert desk.delivery().status is DeliveryStatus.CANCELLED


async def test_a_job_that_is_told_to_stop_while_it_sends_is_not_tried_again(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    world = desk.world

    async def cancel() -> None:
        await CancelJob(world.begin, world.jobs, desk.burials, world.clock)(desk.owner, desk.delivery().job_id)

    await desk.work(ActingWebhookSender(cancel, SendAnswer(500)))

    assert (desk.delivery().status, desk.jobs()[0].status) == (DeliveryStatus.CANCELLED, JobStatus.CANCELLED)
    assert len(desk.delivery().attempts) == 1
