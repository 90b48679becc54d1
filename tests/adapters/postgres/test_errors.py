from dataclasses import replace
from uuid import uuid4

import pytest

from adapters.postgres.errors import BrokenConstraint
from domain.errors import Conflict, NotFound
from domain.ids import ConversationId, MessageId
from domain.jobs import JobStatus
from tests.contracts.examples import a_conversation, a_job, a_tenant, add_jobs, post, posted_event
from tests.contracts.stores import Stores


async def test_a_row_of_what_does_not_exist_is_not_found(stores: Stores) -> None:
    posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
    stray = replace(posted.message, id=MessageId(uuid4()), conversation_id=ConversationId(uuid4()))
    async with stores.begin() as work:
        with pytest.raises(NotFound):
            await work.messages.add(stray, because=posted_event(stray))


async def test_a_row_of_another_tenant_than_its_parent_is_refused(stores: Stores) -> None:
    posted = await post(stores, await a_conversation(stores, await a_tenant(stores)))
    other = await a_tenant(stores)
    stray = replace(posted.message, id=MessageId(uuid4()), workspace_id=other.id, position=2, turn=2)
    async with stores.begin() as work:
        with pytest.raises(NotFound):
            await work.messages.add(stray, because=posted_event(stray))


async def test_an_id_that_is_taken_is_a_conflict(stores: Stores) -> None:
    job = a_job(stores, None)
    await add_jobs(stores, job)
    with pytest.raises(Conflict):
        await add_jobs(stores, job)


async def test_a_broken_rule_of_ours_is_named_without_quoting_the_row(stores: Stores) -> None:
    tenant = await a_tenant(stores)
    odd = a_job(stores, tenant.id, note="my secret", status=JobStatus.RUNNING)
    with pytest.raises(BrokenConstraint) as raised:
        await add_jobs(stores, odd)
    assert str(raised.value) == "ck_jobs_lease"
    assert raised.value.__suppress_context__
