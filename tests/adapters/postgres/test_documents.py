import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from application.workspaces.delete_workspace import DeleteWorkspace
from domain.access import Caller, Grant, Role
from domain.knowledge import DocumentIndexed, Source, SourceKind, Standing, passages_of
from tests.contracts.documents import DocumentsContract, DocumentViewsContract, a_document, happened
from tests.contracts.examples import a_job, a_tenant, add_jobs, claim_one, later
from tests.contracts.stores import Stores


class TestDocuments(DocumentsContract): ...


class TestDocumentViews(DocumentViewsContract): ...


class Deleting:
    """Units that tell when they are about to lock documents; `units` is how many were begun."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._documents: Any = None
        self.units = 0
        self.locking = asyncio.Event()

    @asynccontextmanager
    async def begin(self, claim: Any = None) -> AsyncGenerator[Any]:
        self.units += 1
        async with self._stores.begin(claim) as work:
            unit: Any = work
            self._documents, unit.documents = unit.documents, self
            yield unit

    async def lock_all(self, workspace_id: Any) -> None:
        self.locking.set()
        await self._documents.lock_all(workspace_id)


async def test_a_workspace_goes_at_the_first_try_while_a_document_is_made_findable(stores: Stores) -> None:
    tenant = await a_tenant(stores)
    document, job = await a_document(stores, tenant), a_job(stores, tenant.id)
    await add_jobs(stores, job)
    claim = await claim_one(stores, job)
    source, deleting = Source(SourceKind.DOCUMENT, document.id), Deleting(stores)
    passages = passages_of(tenant.id, source, "A portrait is 90 euros.", later(stores))
    owner = Caller(actor=tenant.user.actor, grants={tenant.id: Grant.of(Role.OWNER)})
    delete = DeleteWorkspace(deleting.begin, stores.clock)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks, stores.begin(claim) as work:
        await work.documents.lock(document.id)
        tasks.create_task(delete(owner, tenant.id, str(tenant.workspace.handle)))
        await deleting.locking.wait()
        await work.jobs.held(claim)
        await work.passages.replace(tenant.id, source, passages, Standing(at=later(stores)), "en")
        await work.documents.save(document, because=happened(tenant, document, DocumentIndexed, stores))
        await work.jobs.finish(claim)
        await work.commit(None)
    assert await stores.documents.document(document.id) is None
    assert deleting.units == 1
