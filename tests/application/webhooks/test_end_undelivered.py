from uuid import uuid4

from application.webhooks.deliver_webhook import DeliverWebhook
from application.webhooks.end_undelivered import EndUndelivered
from domain.ids import DeliveryId, WorkspaceId
from domain.jobs import Job
from tests.application.webhooks.desk import Desk


async def test_a_delivery_that_is_gone_leaves_nothing_to_end(desk: Desk) -> None:
    spec = DeliverWebhook(delivery_id=DeliveryId(uuid4()), workspace_id=WorkspaceId(uuid4()))
    burial, before = EndUndelivered(desk.world.clock), desk.world.happened()
    async with desk.world.begin() as work:
        job = Job.of(spec, desk.world.clock.now())
        await burial.prepare(work, job.payload)
        await burial.bury(work, job)
        await work.commit(None)
    assert desk.world.happened() == before


async def test_a_delivery_that_has_ended_stays_as_it_ended(desk: Desk) -> None:
    await desk.set()
    await desk.send_test()
    ended = desk.delivery().cancelled(desk.world.clock.now())
    desk.world.store.deliveries.rows[ended.id] = ended
    job = desk.world.job(ended.job_id)
    before = desk.world.happened()
    async with desk.world.begin() as work:
        await EndUndelivered(desk.world.clock).bury(work, job)
        await work.commit(None)
    assert desk.delivery() == ended
    assert desk.world.happened() == before
