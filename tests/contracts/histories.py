"""Random histories, lived by two stores at once: whatever one answers, shows or refuses, the other does too."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

from application.ports.activity import ActivityFilter
from application.ports.jobs import Held, JobView
from domain.conversations import Conversation, ConversationErased, Run, RunErrorCode, RunStatus, Usage
from domain.errors import DomainError
from domain.jobs import Claim, Job, JobStatus, LeaseLost
from domain.scheduling import Connector, Service
from domain.workspaces import Handle, Workspace
from tests.contracts.examples import (
    LEASE,
    RUN_OUT,
    Tenant,
    a_job,
    a_type,
    a_workspace,
    connector_created,
    conversation_started,
    posted_event,
    run_started,
    service_created,
    unstored_connector,
    unstored_service,
    unstored_tenant,
)
from tests.contracts.stores import Stores, Work

Change = Callable[[Work], Awaitable[object]]
ENDS = [RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED]
JOB_ENDS = [JobStatus.SUCCEEDED, JobStatus.DEAD, JobStatus.CANCELLED]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do: a method of `History`, which thing to do it to, and which way."""

    name: str
    which: int
    way: int


BEGINNING = [
    Command(name, 0, way)
    for way in (1, 2)
    for name in ("begin_tenant", "start_conversation", "post", "add_service", "add_connector", "add_job")
]
OFTEN = ["post", "post", "begin_run", "begin_run", "add_job", "claim_jobs", "finish_job", "edit_connector"]


class History:
    """What two stores have been told to do, one command after the other."""

    def __init__(self, one: Stores, other: Stores) -> None:
        self.one, self.other = one, other
        self.types = [a_type(), a_type()]
        self.marks = [uuid4().hex for _ in range(3)]
        self.tenants: list[Tenant] = []
        self.services: list[Service] = []
        self.connectors: list[Connector] = []
        self.conversations: list[Conversation] = []
        self.runs: list[Run] = []
        self.jobs: list[Job] = []
        self.claims: list[Claim] = []

    async def live(self, commands: Sequence[Command]) -> None:
        """Does all commands in both stores.

        Raises:
            AssertionError: the two answered differently, or show something different at the end.
        """
        for command in [*BEGINNING, *commands]:
            await getattr(self, command.name)(command.which, command.way)
        for tenant in self.tenants:
            await self._same(partial(_shown, tenant=tenant, conversations=self.conversations))

    async def begin_tenant(self, _which: int, _way: int) -> None:
        tenant = unstored_tenant(self.one)
        because = tenant.created(self._now())

        async def add(work: Work) -> None:
            await work.users.add(tenant.user)
            await work.workspaces.add(tenant.workspace, tenant.user.id, because=because)

        await self._change(add)
        self.tenants.append(tenant)

    async def begin_personal(self, which: int, _way: int) -> None:
        tenant = self.tenants[which % len(self.tenants)]
        personal = replace(tenant, workspace=a_workspace(tenant.user, self._now(), personal=True))
        because = personal.created(self._now())
        if await self._change(lambda work: work.workspaces.add(personal.workspace, tenant.user.id, because=because)):
            self.tenants.append(personal)

    async def edit_workspace(self, which: int, way: int) -> None:
        index = which % len(self.tenants)
        tenant = self.tenants[index]
        handle = Handle(f"h-{self.marks[way % 3]}") if way % 2 else tenant.workspace.handle
        edited = replace(_aged(tenant.workspace, way), handle=handle, name=f"Name {way}", active=way % 5 > 0)
        because = tenant.edited(self._now())
        saved = await self._change(lambda work: work.workspaces.save(edited, because=because))
        if isinstance(saved, Workspace):
            self.tenants[index] = replace(tenant, workspace=saved)

    async def add_service(self, which: int, way: int) -> None:
        tenant = self.tenants[which % len(self.tenants)]
        service = unstored_service(self.one, tenant, way, active=way % 3 > 0)
        await self._change(lambda work: work.services.add(service, because=service_created(tenant, service)))
        self.services.append(service)

    async def forget_service(self, which: int, way: int) -> None:
        tenant = self.tenants[which % len(self.tenants)]
        service = unstored_service(self.one, tenant, way)
        because = service_created(tenant, service)
        await self._change(lambda work: work.services.add(service, because=because), commit=False)

    async def edit_service(self, which: int, way: int) -> None:
        for index, service in _one_of(self.services, which):
            edited = replace(_aged(service, way), position=way, duration_minutes=None)
            because = self._tenant_of(service).edited(self._now())
            saved = await self._change(lambda work: work.services.save(edited, because=because))  # noqa: B023 (called at once)
            if isinstance(saved, Service):
                self.services[index] = saved

    async def remove_service(self, which: int, way: int) -> None:
        for _, service in _one_of(self.services, which):
            because = self._tenant_of(service).edited(self._now())
            await self._change(lambda work: work.services.remove(_aged(service, way), because=because))  # noqa: B023 (called at once)

    async def add_connector(self, which: int, way: int) -> None:
        tenant = self.tenants[which % len(self.tenants)]
        connector = unstored_connector(self.one, tenant, active=way % 2 > 0)
        because = connector_created(tenant, connector)
        if await self._change(lambda work: work.connectors.add(connector, because=because)):
            self.connectors.append(connector)

    async def edit_connector(self, which: int, way: int) -> None:
        for index, connector in _one_of(self.connectors, which):
            edited = replace(_aged(connector, way), active=way % 2 > 0, url=f"https://calendly.com/{way}")
            because = self._tenant_of(connector).edited(self._now())
            saved = await self._change(lambda work: work.connectors.save(edited, because=because))  # noqa: B023 (called at once)
            if isinstance(saved, Connector):
                self.connectors[index] = saved

    async def remove_connector(self, which: int, way: int) -> None:
        for _, connector in _one_of(self.connectors, which):
            because = self._tenant_of(connector).edited(self._now())
            await self._change(lambda work: work.connectors.remove(_aged(connector, way), because=because))  # noqa: B023 (called at once)

    async def start_conversation(self, which: int, _way: int) -> None:
        tenant = self.tenants[which % len(self.tenants)]
        conversation = Conversation.started(tenant.id, "Vera", None, self._now())
        because = conversation_started(conversation)
        await self._change(lambda work: work.conversations.add(conversation, because=because))
        self.conversations.append(conversation)

    async def post(self, which: int, way: int) -> None:
        for index, conversation in _one_of(self.conversations, which):
            said, message = _aged(conversation, way).said_by_visitor(f"Message {way}", self._now())
            run = Run.answering(message, self._now())

            async def add(work: Work) -> Conversation:
                await work.conversations.lock(conversation.id)  # noqa: B023 (called at once)
                await work.messages.add(message, because=posted_event(message))  # noqa: B023
                await work.runs.add(run)  # noqa: B023
                return await work.conversations.save(said)  # noqa: B023

            saved = await self._change(add)
            if isinstance(saved, Conversation):
                self.conversations[index] = saved
                self.runs.append(run)

    async def begin_run(self, which: int, way: int) -> None:
        for index, run in _one_of(self.runs, which):
            if not run.ended:
                started = run.started(run.attempt + 1, "test:model", "reply-1", self._now()).with_progress(
                    "It", (), way
                )
                await self._save_run(index, started)

    async def end_run(self, which: int, way: int) -> None:
        for index, run in _one_of(self.runs, which):
            status = ENDS[way % 3]
            if run.ended or (status is RunStatus.COMPLETED and run.status is RunStatus.QUEUED):
                continue
            match status:
                case RunStatus.COMPLETED:
                    await self._save_run(
                        index, run.spending(Usage(input_tokens=way), "scripted:script").completed(self._now())
                    )
                case RunStatus.FAILED:
                    await self._save_run(index, run.failed(RunErrorCode.TIMEOUT, self._now()))
                case _:
                    await self._save_run(index, run.cancelled(self._now()))

    async def erase_conversation(self, which: int, _way: int) -> None:
        for _, conversation in _one_of(self.conversations, which):
            because = ConversationErased(
                workspace_id=conversation.workspace_id,
                actor=conversation.visitor_actor,
                at=self._now(),
                conversation_id=conversation.id,
            )

            async def erase(work: Work) -> None:
                locked = await work.conversations.lock(conversation.id)  # noqa: B023 (called at once)
                await work.conversations.erase(locked, because=because)  # noqa: B023

            await self._change(erase)

    async def add_job(self, which: int, way: int) -> None:
        job = a_job(
            self.one,
            self.tenants[which % len(self.tenants)].id,
            type=self.types[way % 2],
            unique_key=[None, "nightly", "hourly"][way % 3],
            lane=[None, self.marks[0], self.marks[1]][which % 3],
            max_attempts=1 + way % 3,
        )
        await self._change(lambda work: work.jobs.add(job))
        self.jobs.append(job)

    async def claim_jobs(self, _which: int, way: int) -> None:
        lease = LEASE if way % 2 else RUN_OUT

        async def claim(stores: Stores) -> list[Claim]:
            claims = await stores.queue.claim(self.types, 100, lease)
            return sorted(claims, key=lambda claim: claim.job_id)

        self.claims += await self._same(claim)

    async def finish_job(self, which: int, way: int) -> None:
        for _, claim in _one_of(self.claims, which):
            await self._change(lambda work: work.jobs.finish(claim, {"way": way}, JOB_ENDS[way % 3]))  # noqa: B023 (called at once)

    async def work_for_claim(self, which: int, way: int) -> None:
        for _, claim in _one_of(self.claims, which):
            tenant = self.tenants[way % len(self.tenants)]
            event = tenant.edited(self._now())

            async def record(work: Work) -> None:
                work.record(event)  # noqa: B023 (called at once)

            await self._change(record, claim)

    async def release_job(self, which: int, _way: int) -> None:
        for _, claim in _one_of(self.claims, which):
            await self._same(lambda stores: stores.queue.release([claim]))  # noqa: B023 (called at once)

    async def extend_jobs(self, _which: int, way: int) -> None:
        async def extend(stores: Stores) -> Held:
            return await stores.queue.extend(self.claims, LEASE if way % 2 else RUN_OUT)

        await self._same(extend)

    async def report_job(self, which: int, way: int) -> None:
        for _, claim in _one_of(self.claims, which):
            await self._same(lambda stores: stores.queue.report(claim, way, "note"))  # noqa: B023 (called at once)

    async def expire_jobs(self, _which: int, _way: int) -> None:
        async def expire(stores: Stores) -> list[Claim]:
            ours = [claim for claim in await stores.queue.expire() if claim.type in self.types]
            return sorted(ours, key=lambda claim: claim.job_id)

        await self._same(expire)

    async def change_job(self, which: int, way: int) -> None:
        at = self._now()
        for _, job in _one_of(self.jobs, which):

            async def change(work: Work) -> Job:
                locked = await work.jobs.lock(job.id)  # noqa: B023 (called at once)
                changed = locked.replayed(at) if way % 2 else locked.asked_to_cancel(at)
                await work.jobs.save(changed)
                return changed

            await self._change(change)

    async def _save_run(self, index: int, run: Run) -> None:
        because = run_started(run, self._now())
        if await self._change(lambda work: work.runs.save(run, because=because)):
            self.runs[index] = run

    async def _change(self, change: Change, claim: Claim | None = None, *, commit: bool = True) -> object:
        """What the change made of one unit answered in both, or True; nothing when both refused it."""

        async def unit(stores: Stores) -> object:
            async with stores.begin(claim) as work:
                answer = await change(work)
                return await work.commit(answer or True) if commit else None

        return await self._same(unit)

    async def _same(self, doing: Callable[[Stores], Awaitable[Any]]) -> Any:
        self.other.clock.advance(max(timedelta(0), self.one.clock.now() - self.other.clock.now()))
        answers = [await _answer(doing, stores) for stores in (self.one, self.other)]
        plain = [_plain(answer) for answer in answers]
        assert plain[0] == plain[1]
        return None if isinstance(answers[0], Exception) else answers[0]

    def _tenant_of(self, thing: Service | Connector) -> Tenant:
        return next(tenant for tenant in self.tenants if tenant.id == thing.workspace_id)

    def _now(self) -> datetime:
        return self.one.clock.advance(timedelta(milliseconds=2))


def histories(most: int = 50) -> st.SearchStrategy[list[Command]]:
    """Lists of commands, with more of those that much depends on."""
    names = [name for name in vars(History) if not name.startswith("_") and name != "live"]
    command = st.builds(Command, st.sampled_from([*names, *OFTEN]), st.integers(0, 7), st.integers(0, 30))
    return st.lists(command, min_size=10, max_size=most)


async def _answer(doing: Callable[[Stores], Awaitable[Any]], stores: Stores) -> Any:
    try:
        return await doing(stores)
    except (DomainError, LeaseLost) as error:
        return error


async def _shown(stores: Stores, *, tenant: Tenant, conversations: Sequence[Conversation]) -> list[Any]:
    workspace = tenant.id
    shown: list[Any] = [
        await stores.workspaces.workspace(workspace),
        await stores.workspaces.public(str(tenant.workspace.handle)),
        await stores.workspaces.personal_of(tenant.user.id),
        (await stores.scheduling.services(workspace, None, 100)).items,
        (await stores.scheduling.connectors(workspace, None, 100)).items,
        [_plain(job) for job in (await stores.jobs.jobs(workspace, None, None, None, 100)).items],
        await stores.activity.after(workspace, 0, 1_000),
        (await stores.activity.newest(workspace, ActivityFilter(type="service"), None, 3)).items,
    ]
    for conversation in conversations:
        turns = await stores.conversations.turns_from(conversation.id, 1)
        shown += [list(turns), (await stores.conversations.messages(conversation.id, None, 100)).items]
        for run in (turn.run for turn in turns if turn.run is not None):
            facts = await stores.conversations.reply_facts(run)
            assert facts is not None
            shown.append((list(facts.history), list(facts.services), facts.booking_url, facts.business_name))
    return shown


def _plain(answer: Any) -> Any:
    """The answer, without what the stores' own clocks have written."""
    match answer:
        case Exception():
            return type(answer), str(answer)
        case Job() | JobView():
            values = {field.name: getattr(answer, field.name) for field in fields(answer)}
            return {name: bool(value) if isinstance(value, datetime) else value for name, value in values.items()}
        case _:
            return answer


def _aged(versioned: Any, way: int) -> Any:
    """As it was read, or in one of seven ways as somebody read it who missed a change."""
    return replace(versioned, version=versioned.version + 1) if way % 7 == 0 else versioned


def _one_of(things: Sequence[Any], which: int) -> list[tuple[int, Any]]:
    """The place and the thing, if there is any."""
    return [(which % len(things), things[which % len(things)])] if things else []
