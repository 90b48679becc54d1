"""What people are written to about: visitors who wait, and jobs that died."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.members import MemoryMemberViews
from application.conversations.announce_visitor import AnnounceVisitor, VisitorAnnouncer
from application.conversations.ask_a_person import AskAPerson
from application.conversations.take_over import TakeOver
from application.jobs.announce_death import QUIET, AnnounceDeath, DeathAnnouncer, Obituaries
from application.jobs.fail_job import FailJob
from application.mail.addressees import MOST, addressees
from application.mail.order import MailOrder
from application.mail.send_mail import SendMail
from application.ports.workspaces import WorkspaceView
from domain.access import Caller, Permission, Role
from domain.ids import UserId
from domain.jobs import Job, JobSpec, JobStatus
from domain.workspaces import Membership
from tests.application.world import LEASE, Visit, World


async def join(world: World, workspace: WorkspaceView, role: Role) -> UserId:
    """A new user in the workspace."""
    caller, home = await world.owner(f"{len(world.store.users.rows)}@example.com")
    world.clock.advance(timedelta(seconds=1))
    user_id = UserId(caller.actor.id)
    member = Membership(workspace_id=workspace.id, user_id=user_id, role=role, joined_at=world.clock.now())
    world.store.memberships.rows[workspace.id, user_id] = member
    assert home.id != workspace.id
    return user_id


def orders(world: World) -> dict[UserId, MailOrder]:
    """The letters that are to be sent, by their recipients."""
    jobs = [job for job in world.store.jobs.rows.values() if job.type == SendMail.type]
    found = [msgspec.convert(job.payload, SendMail) for job in jobs]
    assert len({job.recipient_id for job in found}) == len(found)
    return {UserId(UUID(str(job.recipient_id))): MailOrder.unsealed(job.sealed, world.secret_box) for job in found}


async def announce_visitors(world: World) -> None:
    announce = VisitorAnnouncer(
        world.begin, world.workspaces, MemoryMemberViews(world.store), world.secret_box, world.clock
    )
    for claim in await world.queue.claim([AnnounceVisitor.type], 9, LEASE):
        await announce(msgspec.convert(claim.payload, AnnounceVisitor), claim, MemoryJobProgress())
        assert world.job(claim.job_id).status is JobStatus.SUCCEEDED


async def waiting(world: World) -> tuple[Caller, WorkspaceView, Visit]:
    owner, workspace = await world.owner()
    visit = await world.visit(workspace.handle)
    await AskAPerson(world.begin, world.clock)(visit.caller, visit.conversation_id)
    return owner, workspace, visit


async def test_those_who_may_answer_are_told_of_a_visitor_who_waits(world: World) -> None:
    owner, workspace, visit = await waiting(world)
    member = await join(world, workspace, Role.MEMBER)
    await join(world, workspace, Role.VIEWER)
    await announce_visitors(world)
    letters = orders(world)
    assert set(letters) == {owner.actor.id, member}
    assert {order.path for order in letters.values()} == {f"/desk#/conversations/{visit.conversation_id}"}
    assert {tuple(order.values.items()) for order in letters.values()} == {(("workspace", workspace.name),)}


async def test_a_wait_is_told_of_once_and_the_next_one_again(world: World) -> None:
    owner, _, visit = await waiting(world)
    await AskAPerson(world.begin, world.clock)(visit.caller, visit.conversation_id)
    asked = [job for job in world.store.jobs.rows.values() if job.type == AnnounceVisitor.type]
    assert len(asked) == 1
    await TakeOver(world.begin, world.clock)(owner, visit.conversation_id)
    await announce_visitors(world)
    assert orders(world) == {}


async def test_of_a_workspace_that_is_gone_nobody_is_told(world: World) -> None:
    _, workspace, _ = await waiting(world)
    world.store.workspaces.rows.clear()
    announce = VisitorAnnouncer(
        world.begin, world.workspaces, MemoryMemberViews(world.store), world.secret_box, world.clock
    )
    (claim,) = await world.queue.claim([AnnounceVisitor.type], 9, LEASE)
    await announce(msgspec.convert(claim.payload, AnnounceVisitor), claim, MemoryJobProgress())
    assert claim.workspace_id == workspace.id
    assert orders(world) == {}


async def test_of_many_members_the_most_trusted_are_written_to(world: World) -> None:
    _, workspace = await world.owner()
    members = [await join(world, workspace, Role.MEMBER) for _ in range(MOST + 5)]
    admin = await join(world, workspace, Role.ADMIN)
    found = await addressees(MemoryMemberViews(world.store), workspace.id, Permission.CONVERSATION_WRITE)
    assert list(found[1:]) == [admin, *members[: MOST - 2]]
    world.store.users.rows[admin] = replace(world.store.users.rows[admin], email=None)
    assert admin not in await addressees(MemoryMemberViews(world.store), workspace.id, Permission.CONVERSATION_WRITE)


class Dull(JobSpec):
    """Nothing."""

    type = "dull"


async def die(world: World, workspace: WorkspaceView | None, job_type: str = "dull") -> None:
    job = Job.of(Dull(), world.clock.now())
    job = replace(job, type=job_type, workspace_id=workspace.id if workspace else None)
    async with world.begin() as work:
        await work.jobs.add(job)
        await work.commit(None)
    (claim,) = await world.queue.claim([job_type], 1, LEASE)
    await FailJob(world.begin, {}, world.clock, Obituaries())(claim, "It is broken.", for_good=True)


async def announce_deaths(world: World) -> None:
    announce = DeathAnnouncer(
        world.begin, world.workspaces, MemoryMemberViews(world.store), world.secret_box, world.clock
    )
    for claim in await world.queue.claim([AnnounceDeath.type], 9, LEASE):
        await announce(msgspec.convert(claim.payload, AnnounceDeath), claim, MemoryJobProgress())
        await world.queue.finish(claim)


async def test_owners_and_admins_are_told_of_a_dead_job(world: World) -> None:
    owner, workspace = await world.owner()
    admin = await join(world, workspace, Role.ADMIN)
    await join(world, workspace, Role.MEMBER)
    await die(world, workspace)
    await announce_deaths(world)
    letters = orders(world)
    assert set(letters) == {owner.actor.id, admin}
    told = letters[admin].values
    assert (told["workspace"], told["job_type"], told["error"]) == (workspace.name, "dull", "It is broken.")


async def test_for_an_hour_no_more_is_told_of_jobs_of_a_type(world: World) -> None:
    _, workspace = await world.owner()

    def told() -> int:
        return sum(job.type == SendMail.type for job in world.store.jobs.rows.values())

    counted: list[int] = []
    for job_type in ("dull", "dull", "other"):
        await die(world, workspace, job_type)
        await announce_deaths(world)
        counted.append(told())
    world.clock.advance(QUIET - timedelta(seconds=1))
    await die(world, workspace)
    await announce_deaths(world)
    counted.append(told())
    world.clock.advance(timedelta(seconds=1))
    await announce_deaths(world)
    await die(world, workspace)
    await announce_deaths(world)
    assert [*counted, told()] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("job_type", [SendMail.type, AnnounceDeath.type])
async def test_letters_about_jobs_are_not_told_of(world: World, job_type: str) -> None:
    _, workspace = await world.owner()
    await die(world, workspace, job_type)
    await die(world, None)
    assert [job for job in world.store.jobs.rows.values() if not job.ended] == []


async def test_a_visitor_whose_conversation_is_gone_is_announced_to_nobody(world: World) -> None:
    _, _, visit = await waiting(world)
    del world.store.conversations.rows[visit.conversation_id]
    await announce_visitors(world)
    assert orders(world) == {}


async def test_those_who_may_are_looked_for_among_all_members(world: World) -> None:
    owner, workspace = await world.owner()
    for _ in range(101):
        await join(world, workspace, Role.VIEWER)
    found = await addressees(MemoryMemberViews(world.store), workspace.id, Permission.CONVERSATION_WRITE)
    assert found == [owner.actor.id]
