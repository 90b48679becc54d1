import asyncio
from dataclasses import replace

import pytest

from application.ports.activity import CAUSE
from application.ports.unit_of_work import UnrecordedError
from domain.errors import NotFound
from domain.jobs import JOBS_TOPIC, Job, LeaseLost, job_topic
from tests.contracts.examples import (
    RUN_OUT,
    Tenant,
    a_conversation,
    a_job,
    a_tenant,
    add_jobs,
    claim_one,
    later,
    post,
    refused,
    stored_job,
    unstored_tenant,
)
from tests.contracts.stores import Stores


class UnitOfWorkContract:
    """Every `Begin` and its `UnitOfWork`."""

    async def test_a_unit_sees_what_it_wrote_and_others_do_not_before_the_commit(self, stores: Stores) -> None:
        tenant = unstored_tenant(stores)
        async with stores.begin() as work:
            await work.users.add(tenant.user)
            await work.workspaces.add(tenant.workspace, tenant.user.id, because=tenant.created(later(stores)))
            assert await work.workspaces.get(tenant.id) == tenant.workspace
            assert await stores.workspaces.workspace(tenant.id) is None
            async with stores.begin() as other:
                with pytest.raises(NotFound):
                    await other.workspaces.get(tenant.id)
            await work.commit(None)
        assert await stores.workspaces.workspace(tenant.id) is not None

    async def test_a_unit_sees_what_others_have_committed_meanwhile(self, stores: Stores) -> None:
        async with stores.begin() as work:
            tenant = await a_tenant(stores)
            assert await work.workspaces.get(tenant.id) == tenant.workspace

    async def test_leaving_without_commit_leaves_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        head = await stores.activity.head(tenant.id)
        job = a_job(stores, tenant.id)
        stores.bell.rung.clear()
        async with stores.begin() as work:
            await work.workspaces.save(replace(tenant.workspace, name="Undone"), because=tenant.edited(later(stores)))
            await work.jobs.add(job)
        await self._left_nothing(stores, tenant, job, head)

    async def test_an_error_leaves_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        head = await stores.activity.head(tenant.id)
        job = a_job(stores, tenant.id)
        stores.bell.rung.clear()
        async with refused(stores, ZeroDivisionError) as work:
            await work.workspaces.save(replace(tenant.workspace, name="Undone"), because=tenant.edited(later(stores)))
            await work.jobs.add(job)
            self._stumble()
        await self._left_nothing(stores, tenant, job, head)

    def _stumble(self) -> None:
        raise ZeroDivisionError

    async def _left_nothing(self, stores: Stores, tenant: Tenant, job: Job, head: int) -> None:
        view = await stores.workspaces.workspace(tenant.id)
        assert view is not None
        assert (view.name, view.version) == (tenant.workspace.name, 1)
        assert await stores.jobs.job(job.id) is None
        assert await stores.activity.head(tenant.id) == head
        assert stores.bell.rung == []

    async def test_what_a_unit_locked_is_free_when_it_ends_without_commit(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        async with stores.begin() as work:
            await work.conversations.lock(conversation.id)
        async with stores.begin() as work, asyncio.timeout(10):
            assert await work.conversations.lock(conversation.id) == conversation

    async def test_commit_returns_the_answer(self, stores: Stores) -> None:
        async with stores.begin() as work:
            assert await work.commit(["told"]) == ["told"]

    async def test_a_unit_that_changed_rows_and_recorded_no_event_refuses_to_commit(self, stores: Stores) -> None:
        conversation = await a_conversation(stores, await a_tenant(stores))
        async with stores.begin() as work:
            await work.conversations.save(replace(conversation, tags=("unexplained",)))
            with pytest.raises(UnrecordedError):
                await work.commit(None)
        async with stores.begin() as work:
            assert await work.conversations.lock(conversation.id) == conversation

    async def test_a_recorded_event_explains_the_changes_of_the_unit(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        async with stores.begin() as work:
            await work.conversations.save(replace(conversation, tags=("explained",)))
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        async with stores.begin() as work:
            assert (await work.conversations.lock(conversation.id)).tags == ("explained",)

    async def test_bookkeeping_needs_no_event(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        posted = await post(stores, await a_conversation(stores, tenant))
        async with stores.begin() as work:
            await work.jobs.save(replace(await work.jobs.lock(posted.job.id), note="seen"))
            await work.runs.checkpoint(posted.run.with_progress("120", (), 2))
            await work.commit(None)
        run = await stores.conversations.run(posted.run.id)
        assert run is not None
        assert run.text == "120"

    async def test_commit_rings_for_events_and_added_jobs(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        conversation = await a_conversation(stores, tenant)
        stores.bell.rung.clear()
        posted = await post(stores, conversation)
        assert sorted(stores.bell.rung) == sorted(
            [f"activity:{tenant.id}", f"conversation:{conversation.id}", JOBS_TOPIC, job_topic(posted.job.id)]
        )

    async def test_commit_rings_for_a_changed_job(self, stores: Stores) -> None:
        job = a_job(stores, (await a_tenant(stores)).id)
        await add_jobs(stores, job)
        stores.bell.rung.clear()
        async with stores.begin() as work:
            await work.jobs.save((await work.jobs.lock(job.id)).cancelled(later(stores)))
            await work.commit(None)
        assert job_topic(job.id) in stores.bell.rung

    async def test_what_rings_is_true_by_then(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        seen: list[int] = []

        async def look() -> None:
            seen.append(await stores.activity.head(tenant.id))

        stores.bell.meanwhile = look
        async with stores.begin() as work:
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert seen == [2]

    async def test_a_unit_with_a_claim_commits_while_the_claim_holds(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        async with stores.begin(claim) as work:
            work.record(tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.activity.head(tenant.id) == 2

    async def test_a_unit_with_a_claim_commits_with_the_end_of_its_job(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        async with stores.begin(claim) as work:
            work.record(tenant.edited(later(stores)))
            await work.jobs.finish(claim, {"made": 1})
            await work.commit(None)
        assert (await stored_job(stores, job)).result == {"made": 1}
        assert await stores.activity.head(tenant.id) == 2

    async def test_a_unit_whose_lease_was_lost_commits_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job, RUN_OUT)
        async with stores.begin(claim) as work:
            await work.workspaces.save(replace(tenant.workspace, name="Lost"), because=tenant.edited(later(stores)))
            await stores.queue.expire()
            newer = await claim_one(stores, job)
            with pytest.raises(LeaseLost):
                await work.commit(None)
        view = await stores.workspaces.workspace(tenant.id)
        assert view is not None
        assert view.name == tenant.workspace.name
        assert newer.attempt == claim.attempt + 1
        assert await stores.activity.head(tenant.id) == 1

    async def test_a_unit_whose_job_was_ended_by_another_commits_nothing(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        async with stores.begin(claim) as work:
            work.record(tenant.edited(later(stores)))
            async with stores.begin() as other:
                await other.jobs.finish(claim)
                await other.commit(None)
            with pytest.raises(LeaseLost):
                await work.commit(None)
        assert await stores.activity.head(tenant.id) == 1

    async def test_of_two_units_that_finish_one_claim_one_commits(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)

        async def finish(number: int) -> bool:
            try:
                async with stores.begin(claim) as work:
                    await work.jobs.finish(claim, {"number": number})
                    work.record(tenant.edited(later(stores)))
                    return await work.commit(True)
            except LeaseLost:
                return False

        assert sum(await asyncio.gather(*(finish(number) for number in range(6)))) == 1
        assert await stores.activity.head(tenant.id) == 2

    async def test_events_carry_the_request_that_caused_them(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        token = CAUSE.set("request-7")
        try:
            async with stores.begin() as work:
                work.record(tenant.edited(later(stores)))
                await work.commit(None)
        finally:
            CAUSE.reset(token)
        (event,) = await stores.activity.after(tenant.id, 1, 10)
        assert event.causation_id == "request-7"

    async def test_events_of_a_job_carry_the_job_whatever_the_request(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        job = a_job(stores, tenant.id)
        await add_jobs(stores, job)
        claim = await claim_one(stores, job)
        token = CAUSE.set("request-8")
        try:
            async with stores.begin(claim) as work:
                work.record(tenant.edited(later(stores)))
                await work.commit(None)
        finally:
            CAUSE.reset(token)
        (event,) = await stores.activity.after(tenant.id, 1, 10)
        assert event.causation_id == str(job.id)

    async def test_events_of_nobodys_request_have_no_cause(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        (event,) = await stores.activity.after(tenant.id, 0, 10)
        assert event.causation_id is None
