import pytest

from adapters.memory.webhook_sender import MemoryWebhookSender
from application.jobs.replay_job import ReplayJob
from application.ports.webhook_sender import SendAnswer
from application.webhooks.deliveries import ListDeliveries, ReadDelivery, ResendDelivery
from domain.errors import Forbidden, NotFound
from domain.jobs import JobNotReplayable, JobStatus
from domain.webhooks import MAX_TRIES, DeliveryNotResendable, DeliveryStatus, SendFault, WebhookInactive
from tests.application.webhooks.desk import Desk


async def failed(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    await desk.work_until_dead(MemoryWebhookSender(SendFault.TLS))


async def test_what_has_failed_is_sent_again_with_all_its_tries(desk: Desk) -> None:
    await failed(desk)
    view = await desk.resend(desk.delivery().id)

    (job,) = desk.jobs()
    assert (view.status, view.ended_at) == (DeliveryStatus.PENDING, None)
    assert (job.status, job.failures) == (JobStatus.QUEUED, 0)
    assert desk.happened()[-1] == "delivery.resent"
    sender = MemoryWebhookSender()
    await desk.work(sender)
    assert desk.delivery().status is DeliveryStatus.DELIVERED
    assert len(desk.delivery().attempts) == MAX_TRIES + 1
    assert sender.sent[0].headers["webhook-id"] == str(view.id)


async def test_what_was_cancelled_or_refused_for_good_is_sent_again(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    await desk.work(MemoryWebhookSender(SendAnswer(410)))
    identifier = desk.delivery().id
    with pytest.raises(WebhookInactive):
        await desk.resend(identifier)
    await desk.set()
    await desk.resend(identifier)
    await desk.set(active=False)
    await desk.work(MemoryWebhookSender())
    assert desk.delivery().status is DeliveryStatus.CANCELLED
    await desk.set()
    await desk.resend(identifier)
    await desk.work(MemoryWebhookSender())

    assert desk.delivery().status is DeliveryStatus.DELIVERED


async def test_what_is_to_be_sent_or_was_delivered_is_not_sent_again(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    with pytest.raises(DeliveryNotResendable):
        await desk.resend(desk.delivery().id)
    await desk.work(MemoryWebhookSender())
    with pytest.raises(DeliveryNotResendable):
        await desk.resend(desk.delivery().id)


async def test_replaying_the_job_sends_again_too_and_only_once(desk: Desk) -> None:
    await failed(desk)
    world = desk.world
    replay = ReplayJob(world.begin, world.jobs, desk.burials, world.clock)
    await replay(desk.owner, desk.delivery().job_id)

    assert desk.delivery().status is DeliveryStatus.PENDING
    with pytest.raises(DeliveryNotResendable):
        await desk.resend(desk.delivery().id)
    with pytest.raises(JobNotReplayable):
        await replay(desk.owner, desk.delivery().job_id)


async def test_without_a_webhook_nothing_is_sent_again(desk: Desk) -> None:
    await failed(desk)
    await desk.remove()

    with pytest.raises(NotFound):
        await desk.resend(desk.delivery().id)


async def test_only_who_may_sees_and_resends(desk: Desk) -> None:
    await failed(desk)
    world, identifier = desk.world, desk.delivery().id
    viewer, stranger = world.viewer(desk.workspace), world.stranger()
    resend, read = ResendDelivery(world.begin, world.clock), ReadDelivery(desk.views)
    for caller, error in ((viewer, Forbidden), (stranger, NotFound)):
        with pytest.raises(error):
            await resend(caller, identifier)
        with pytest.raises(error):
            await read(caller, identifier)
        with pytest.raises(error):
            await ListDeliveries(desk.views)(caller, desk.workspace.id, None, None, 10)

    owner = desk.owner
    assert (await read(owner, identifier)).id == identifier
    page = await ListDeliveries(desk.views)(owner, desk.workspace.id, DeliveryStatus.FAILED, None, 10)
    assert [view.id for view in page.items] == [identifier]
