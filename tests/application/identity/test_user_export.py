"""What a user is given of themselves, and their picture in it."""

import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from adapters.memory.blob_store import MemoryBlobStore
from adapters.memory.blobs import MemoryBlobLog, MemoryBlobViews
from adapters.memory.collections import MemoryCollectionViews
from adapters.memory.exports import MemoryMessageExports
from adapters.memory.identity_views import MemoryKeyViews, MemoryUserViews
from adapters.memory.images import MemoryImages
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.members import MemoryMemberViews
from adapters.memory.memories import MemoryMemoryViews
from adapters.memory.pictures import MemoryPictureViews
from adapters.memory.sign_in import MemorySessionViews
from application.blobs.read_blob import ReadBlob
from application.blobs.read_picture import ReadPicture
from application.blobs.write_blob import WriteBlob
from application.blobs.write_picture import WritePicture
from application.conversations.post_as_member import PostAsMember
from application.identity.avatar import PutAvatar, RemoveAvatar
from application.identity.dossier import PAGE, Dossier
from application.identity.export_user import KEPT, ExportRemover, ExportUser, RemoveExport, UserExporter
from application.identity.user_export import ExportStatus, FetchExport, ReadExport, RequestExport
from application.workspaces.image import PutImage, RemoveImage
from domain.access import ACCOUNT, Caller
from domain.blobs import Quota, QuotaExceeded
from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.ids import BlobId
from domain.jobs import Claim, Job, JobCancelled
from tests.application.world import LEASE, World
from tests.png import PNG


@dataclass(slots=True)
class Archivist:
    """The use cases of exports and pictures in a world."""

    world: World
    store: MemoryBlobStore = field(default_factory=MemoryBlobStore)
    quota: Quota = field(default_factory=Quota)
    progress: MemoryJobProgress = field(default_factory=MemoryJobProgress)

    @property
    def write_blob(self) -> WriteBlob:
        rows = self.world.store
        return WriteBlob(MemoryBlobLog(rows), MemoryBlobViews(rows), self.store, self.quota, self.world.clock)

    @property
    def write_picture(self) -> WritePicture:
        return WritePicture(MemoryImages(), self.write_blob)

    @property
    def put_avatar(self) -> PutAvatar:
        world = self.world
        return PutAvatar(world.begin, world.open_personal_workspace, self.write_picture, self.quota, world.clock)

    @property
    def request(self) -> RequestExport:
        return RequestExport(self.world.begin, self.world.open_personal_workspace, self.world.clock)

    @property
    def read(self) -> ReadExport:
        return ReadExport(self.world.workspaces, self.world.jobs, self.world.clock)

    async def claim(self) -> Claim:
        (claim,) = await self.world.queue.claim([ExportUser.type], 1, LEASE)
        return claim

    async def export(self, claim: Claim) -> None:
        world, rows = self.world, self.world.store
        dossier = Dossier(
            begin=world.begin,
            members=MemoryMemberViews(rows),
            sessions=MemorySessionViews(rows),
            keys=MemoryKeyViews(rows),
            messages=MemoryMessageExports(rows),
            memories=MemoryMemoryViews(rows),
            collections=MemoryCollectionViews(rows),
            activity=world.activity,
            blobs=MemoryBlobViews(rows),
            read_blob=ReadBlob(self.store),
            clock=world.clock,
        )
        exporter = UserExporter(
            begin=world.begin,
            users=MemoryUserViews(rows),
            jobs=world.jobs,
            dossier=dossier,
            write_blob=self.write_blob,
            quota=self.quota,
            clock=world.clock,
        )
        await exporter(msgspec.convert(claim.payload, ExportUser), claim, self.progress)

    async def fetch(self, caller: Caller) -> ZipFile:
        rows = self.world.store
        fetch = FetchExport(
            self.world.workspaces, self.world.jobs, MemoryBlobViews(rows), ReadBlob(self.store), self.world.clock
        )
        blob, chunks = await fetch(caller)
        found = b"".join([chunk async for chunk in chunks])
        assert len(found) == blob.size
        return ZipFile(io.BytesIO(found))

    def kept(self) -> int:
        return sum(row.kept is not None for row in self.world.store.blobs.rows.values())


@pytest.fixture
def archivist(world: World) -> Archivist:
    return Archivist(world)


async def a_user(world: World) -> Caller:
    owner, _ = await world.owner()
    return replace(owner, own=ACCOUNT)


async def test_an_archive_is_made_by_a_job_and_can_be_fetched(world: World, archivist: Archivist) -> None:
    caller = await a_user(world)
    assert (await archivist.read(caller)).status is ExportStatus.NONE
    await archivist.put_avatar(caller, PNG)
    job = await archivist.request(caller)
    assert (await archivist.read(caller)).status is ExportStatus.PENDING
    with pytest.raises(NotFound):
        await archivist.fetch(caller)
    await archivist.export(await archivist.claim())
    state = await archivist.read(caller)
    assert (state.status, state.job_id) == (ExportStatus.READY, job.id)
    assert state.expires_at == world.clock.now() + KEPT
    found = await archivist.fetch(caller)
    assert found.testzip() is None
    assert json.loads(found.read("profile.json"))["email"] == "ada@example.com"
    assert json.loads(found.read("sessions.json")) == []
    assert "avatar.webp" in found.namelist()
    assert [note for _, note in archivist.progress.reports] == found.namelist()


async def test_asking_again_while_it_is_made_changes_nothing(world: World, archivist: Archivist) -> None:
    caller = await a_user(world)
    first = await archivist.request(caller)
    assert await archivist.request(caller) == first
    assert world.happened().count("user.export_requested") == 1
    await archivist.export(await archivist.claim())
    assert (await archivist.request(caller)).id != first.id


async def test_only_the_newest_archive_is_kept_and_not_longer_than_its_time(world: World, archivist: Archivist) -> None:
    caller = await a_user(world)
    for _ in range(2):
        await archivist.request(caller)
        world.clock.advance(timedelta(seconds=1))
        await archivist.export(await archivist.claim())
    assert archivist.kept() == 1
    world.clock.advance(KEPT)
    assert (await archivist.read(caller)).status is ExportStatus.EXPIRED
    with pytest.raises(NotFound):
        await archivist.fetch(caller)
    for claim in await world.queue.claim([RemoveExport.type], 9, LEASE):
        await ExportRemover(world.begin)(msgspec.convert(claim.payload, RemoveExport), claim, archivist.progress)
    assert archivist.kept() == 0


async def test_an_export_that_is_cancelled_or_finds_no_room_leaves_nothing(world: World, archivist: Archivist) -> None:
    caller = await a_user(world)
    await archivist.request(caller)
    claim = await archivist.claim()
    archivist.quota = Quota(10)
    with pytest.raises(QuotaExceeded):
        await archivist.export(claim)
    archivist.quota = Quota()
    archivist.progress.cancel()
    with pytest.raises(JobCancelled):
        await archivist.export(claim)
    assert archivist.kept() == 0


async def test_of_a_user_who_is_gone_nothing_is_written(world: World, archivist: Archivist) -> None:
    caller = await a_user(world)
    await archivist.request(caller)
    claim = await archivist.claim()
    user = world.store.users.rows[caller.actor.id]
    world.store.users.rows[caller.actor.id] = user.deleted(world.clock.now())
    await archivist.export(claim)
    assert world.store.blobs.rows == {}


async def test_whoever_may_not_open_the_account_gets_no_archive(world: World, archivist: Archivist) -> None:
    owner, _ = await world.owner()
    for refused in (archivist.request, archivist.read, archivist.fetch):
        with pytest.raises(Forbidden):
            await refused(owner)


async def test_a_picture_takes_the_place_of_the_one_before(world: World, archivist: Archivist) -> None:
    caller = await a_user(world)
    show = ReadPicture(MemoryPictureViews(world.store), ReadBlob(archivist.store))
    first = (await archivist.put_avatar(caller, PNG)).avatar
    assert first
    assert b"".join([chunk async for chunk in await show(first.digest)])[:4] == b"RIFF"
    other = PNG[:-12] + b"\0\0\0\0tEXt" + PNG[-12:]
    second = (await archivist.put_avatar(caller, other)).avatar
    assert second
    assert archivist.kept() == 1
    with pytest.raises(NotFound):
        await show(first.digest)
    remove = RemoveAvatar(world.begin, world.clock)
    with pytest.raises(Stale):
        await remove(caller, 1)
    for _ in range(2):
        await remove(caller)
    assert archivist.kept() == 0
    assert world.happened().count("user.edited") == 3


async def test_a_workspace_has_a_picture_too(world: World, archivist: Archivist) -> None:
    owner, workspace = await world.owner()
    put = PutImage(world.begin, archivist.write_picture, archivist.quota, world.clock)
    shown = await put(owner, workspace.id, PNG)
    assert shown.image_url == (await world.workspaces.workspace(workspace.id) or workspace).image_url is not None
    with pytest.raises(Forbidden):
        await put(world.viewer(workspace), workspace.id, PNG)
    with pytest.raises(Invalid):
        await put(owner, workspace.id, b"no image")
    for _ in range(2):
        await RemoveImage(world.begin, world.clock)(owner, workspace.id)
    view = await world.workspaces.workspace(workspace.id)
    assert view
    assert view.image_url is None
    assert archivist.kept() == 0


class Ending:
    """The jobs of a unit, of which one that is in the way ends in the moment it is looked at."""

    def __init__(self, jobs: Any) -> None:
        self._jobs = jobs
        self.added = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jobs, name)

    async def add(self, job: Job) -> None:
        self.added += 1
        if self.added > 1:
            await self._jobs.add(job)


async def test_a_job_that_ends_while_it_is_asked_for_is_followed_by_another(world: World) -> None:
    caller = await a_user(world)
    home = await world.open_personal_workspace(caller)
    other = replace(Job.of(RemoveExport(blob_id=BlobId(home.id)), world.clock.now()), workspace_id=home.id)

    @asynccontextmanager
    async def begin() -> AsyncGenerator[Any]:
        async with world.begin() as work:
            await work.jobs.add(other)
            work.jobs = Ending(work.jobs)  # pyright: ignore[reportAttributeAccessIssue]
            yield work

    request: Any = RequestExport
    job = await request(begin, world.open_personal_workspace, world.clock)(caller)
    assert job.type == ExportUser.type
    assert world.happened().count("user.export_requested") == 1


async def test_an_export_that_died_has_failed_and_a_lost_archive_cannot_be_fetched(
    world: World, archivist: Archivist
) -> None:
    caller = await a_user(world)
    job = await archivist.request(caller)
    rows = world.store.jobs.rows
    rows[job.id] = rows[job.id].given_up("It broke.", world.clock.now())
    assert (await archivist.read(caller)).status is ExportStatus.FAILED
    await archivist.request(caller)
    await archivist.export(await archivist.claim())
    world.store.blobs.rows.clear()
    with pytest.raises(NotFound):
        await archivist.fetch(caller)


async def test_all_pages_of_what_they_did_and_wrote_are_in_the_archive(world: World, archivist: Archivist) -> None:
    caller = await a_user(world)
    workspace = await world.open_personal_workspace(caller)
    for number in range(PAGE + 1):
        await world.edit(caller, workspace, {"subtitle": str(number)})
    visit = await world.visit(workspace.handle)
    await PostAsMember(world.begin, world.clock)(caller, visit.conversation_id, "Welcome.")
    await archivist.request(caller)
    await archivist.export(await archivist.claim())
    found = await archivist.fetch(caller)
    done = [json.loads(line) for line in found.read("activity.jsonl").splitlines()]
    assert sum(event["type"] == "workspace.edited" for event in done) == PAGE + 1
    (message,) = [json.loads(line) for line in found.read("messages.jsonl").splitlines()]
    assert message["content"] == "Welcome."
