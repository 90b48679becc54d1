"""Examples for the contracts: each test makes tenants of its own, so that no store needs to be empty."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.actors import Actor, ActorType
from domain.conversations import (
    Conversation,
    ConversationErased,
    ConversationStarted,
    Message,
    MessagePosted,
    MessageStatus,
    Run,
    RunCompleted,
    RunRetried,
    RunStarted,
    Usage,
)
from domain.identity import User
from domain.ids import ConnectorId, JobId, ServiceId, UserId, WorkspaceId, new_id
from domain.jobs import Claim, Job
from domain.memories import Memory, MemoryAdded, MemoryChanges, MemoryRetention
from domain.scheduling import (
    Connector,
    ConnectorCreated,
    ConnectorType,
    Money,
    Service,
    ServiceCreated,
    ServiceFormat,
)
from domain.workspaces import Handle, Workspace, WorkspaceCreated, WorkspaceEdited
from tests.contracts.stores import Stores, Work

LEASE = timedelta(minutes=5)
MEMBER = Actor(ActorType.USER, uuid4(), "Maria Member")
RUN_OUT = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A workspace and the user who owns it."""

    user: User
    workspace: Workspace

    @property
    def id(self) -> WorkspaceId:
        return self.workspace.id

    def created(self, at: datetime) -> WorkspaceCreated:
        return WorkspaceCreated(workspace_id=self.id, actor=self.user.actor, at=at, handle=str(self.workspace.handle))

    def edited(self, at: datetime) -> WorkspaceEdited:
        """An event that any change of a test may be explained by."""
        return WorkspaceEdited(workspace_id=self.id, actor=self.user.actor, at=at, fields=("name",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A visitor's message with the run that is to answer it."""

    conversation: Conversation
    message: Message
    run: Run
    job: Job


@asynccontextmanager
async def refused(stores: Stores, error: type[Exception]) -> AsyncGenerator[Work, None]:
    """A unit that raises `error` in the block or at its commit."""
    with pytest.raises(error):  # noqa: PT012 (the block is the caller's)
        async with stores.begin() as work:
            yield work
            await work.commit(None)


def later(stores: Stores) -> datetime:
    """A moment after all that was asked for before."""
    return stores.clock.advance(timedelta(milliseconds=2))


def a_user(at: datetime, email: str | None = None) -> User:
    return User(id=UserId(new_id(at)), email=email or f"{uuid4().hex}@example.com", name="Ada", created_at=at)


def a_workspace(user: User, at: datetime, *, personal: bool = False, handle: str | None = None) -> Workspace:
    name = Handle(handle or f"w-{uuid4().hex}")
    workspace = Workspace.personal_of(user.id, user.name, name, at)
    return workspace if personal else replace(workspace, personal=False, owner_id=None)


def unstored_tenant(stores: Stores, *, personal: bool = False) -> Tenant:
    at = later(stores)
    user = a_user(at)
    return Tenant(user=user, workspace=a_workspace(user, at, personal=personal))


async def a_tenant(stores: Stores, *, personal: bool = False) -> Tenant:
    tenant = unstored_tenant(stores, personal=personal)
    async with stores.begin() as work:
        await work.users.add(tenant.user)
        await work.workspaces.add(tenant.workspace, tenant.user.id, because=tenant.created(later(stores)))
        return await work.commit(tenant)


async def edited(stores: Stores, tenant: Tenant, **fields: Any) -> Workspace:
    """The stored workspace with these fields changed."""
    at = later(stores)
    async with stores.begin() as work:
        workspace = await work.workspaces.get(tenant.id)
        return await work.commit(
            await work.workspaces.save(replace(workspace, **fields, updated_at=at), because=tenant.edited(at))
        )


def unstored_service(stores: Stores, tenant: Tenant, position: int = 0, **fields: Any) -> Service:
    at = later(stores)
    service = Service(
        id=ServiceId(new_id(at)),
        workspace_id=tenant.id,
        name=f"Service {position}",
        description="An hour in the studio.",
        format=ServiceFormat.ONLINE,
        duration_minutes=60,
        price_from=Money(Decimal("120.00"), "CZK"),
        position=position,
        created_at=at,
        updated_at=at,
    )
    return replace(service, **fields)


def service_created(tenant: Tenant, service: Service) -> ServiceCreated:
    return ServiceCreated(
        workspace_id=tenant.id,
        actor=tenant.user.actor,
        at=service.created_at,
        service_id=service.id,
        name=service.name,
    )


async def a_service(stores: Stores, tenant: Tenant, position: int = 0, **fields: Any) -> Service:
    service = unstored_service(stores, tenant, position, **fields)
    async with stores.begin() as work:
        await work.services.add(service, because=service_created(tenant, service))
        return await work.commit(service)


def unstored_connector(stores: Stores, tenant: Tenant, **fields: Any) -> Connector:
    at = later(stores)
    connector = Connector(
        id=ConnectorId(new_id(at)),
        workspace_id=tenant.id,
        type=ConnectorType.CALENDLY,
        url="https://calendly.com/harbour",
        sealed={"api_token": b"\x00sealed\xff"},
        created_at=at,
        updated_at=at,
    )
    return replace(connector, **fields)


def connector_created(tenant: Tenant, connector: Connector) -> ConnectorCreated:
    return ConnectorCreated(
        workspace_id=tenant.id,
        actor=tenant.user.actor,
        at=connector.created_at,
        connector_id=connector.id,
        connector_type=connector.type,
    )


async def a_connector(stores: Stores, tenant: Tenant, **fields: Any) -> Connector:
    connector = unstored_connector(stores, tenant, **fields)
    async with stores.begin() as work:
        await work.connectors.add(connector, because=connector_created(tenant, connector))
        return await work.commit(connector)


async def a_memory(stores: Stores, tenant: Tenant, changes: MemoryChanges | None = None, **fields: Any) -> Memory:
    """A memory of the tenant's owner, of words of its own unless `changes` has others; `fields` are set as they are."""
    at = fields.get("created_at") or later(stores)
    said: MemoryChanges = {"content": f"Note {uuid4().hex}", **(changes or {})}
    memory = replace(Memory.added(tenant.id, tenant.user.id, said, MemoryRetention(), at), **fields)
    async with stores.begin() as work:
        await work.memories.add(memory, because=MemoryAdded.of(memory, by=tenant.user.actor, at=at))
        return await work.commit(memory)


def conversation_started(conversation: Conversation) -> ConversationStarted:
    return ConversationStarted(
        workspace_id=conversation.workspace_id,
        actor=conversation.visitor_actor,
        at=conversation.created_at,
        conversation_id=conversation.id,
        channel=conversation.channel,
    )


async def a_conversation(stores: Stores, tenant: Tenant) -> Conversation:
    conversation = Conversation.started(tenant.id, "Vera", "vera@example.com", later(stores))
    async with stores.begin() as work:
        await work.conversations.add(conversation, because=conversation_started(conversation))
        return await work.commit(conversation)


async def a_companion(stores: Stores, tenant: Tenant) -> Conversation:
    """A conversation of the tenant's user with their companion."""
    conversation = Conversation.with_companion(tenant.id, tenant.user.id, later(stores))
    async with stores.begin() as work:
        await work.conversations.add(conversation, because=conversation_started(conversation))
        return await work.commit(conversation)


async def ask_companion(stores: Stores, conversation: Conversation, tenant: Tenant, content: str = "Hi?") -> Posted:
    """A user's message to their companion, its run and its job, stored as the use case does it."""
    at = later(stores)
    async with stores.begin() as work:
        locked = await work.conversations.lock(conversation.id)
        said, message = locked.said_to_companion(content, tenant.user.actor, at)
        run = Run.answering(message, at)
        job = a_job(stores, conversation.workspace_id, id=run.job_id, lane=str(conversation.id))
        await work.messages.add(message, because=posted_event(message))
        await work.runs.add(run)
        await work.jobs.add(job)
        stored = await work.conversations.save(said)
        return await work.commit(Posted(conversation=stored, message=message, run=run, job=job))


async def post(stores: Stores, conversation: Conversation, content: str = "What does it cost?") -> Posted:
    """A visitor's message, its run and its job, stored as the use case does it."""
    at = later(stores)
    async with stores.begin() as work:
        locked = await work.conversations.lock(conversation.id)
        said, message = locked.said_by_visitor(content, at)
        run = Run.answering(message, at)
        job = a_job(stores, conversation.workspace_id, id=run.job_id, lane=str(conversation.id))
        await work.messages.add(message, because=posted_event(message))
        await work.runs.add(run)
        await work.jobs.add(job)
        stored = await work.conversations.save(said)
        return await work.commit(Posted(conversation=stored, message=message, run=run, job=job))


async def reply(stores: Stores, posted: Posted, content: str = "120 CZK.") -> Message:
    """The run's reply, stored as the use case does it but for the job."""
    at = later(stores)
    async with stores.begin() as work:
        conversation = await work.conversations.lock(posted.conversation.id)
        run = (await work.runs.get(posted.run.id)).started(1, "test:model", "reply-1", at)
        ended = (
            run.with_progress(content, (), 4)
            .spending(Usage(input_tokens=3, output_tokens=2), "scripted:script")
            .completed(at)
        )
        said, message = conversation.said_by_assistant(
            run.reply_message_id, run.id, run.turn, content, MessageStatus.COMPLETE, at
        )
        await work.messages.add(message)
        await work.runs.save(ended, because=run_completed(ended, at))
        await work.conversations.save(said)
        return await work.commit(message)


async def say_as_member(stores: Stores, conversation: Conversation, content: str = "I can help.") -> Message:
    """A member's message, stored as the use case does it."""
    at = later(stores)
    async with stores.begin() as work:
        locked = await work.conversations.lock(conversation.id)
        said, message = locked.said_by_member(content, MEMBER, at)
        await work.messages.add(message, because=posted_event(message))
        await work.conversations.save(said)
        return await work.commit(message)


async def ask_again(stores: Stores, posted: Posted) -> Run:
    """Another run that answers the same message, stored as the use case does it but for the job."""
    at = later(stores)
    async with stores.begin() as work:
        locked = await work.conversations.lock(posted.conversation.id)
        conversation, run = Run.answering_again(posted.message, locked, at)
        because = RunRetried(
            workspace_id=run.workspace_id,
            actor=MEMBER,
            at=at,
            conversation_id=run.conversation_id,
            run_id=run.id,
            message_id=run.message_id,
        )
        await work.runs.add(run, because=because)
        await work.conversations.save(conversation)
        return await work.commit(run)


async def erase(stores: Stores, conversation: Conversation) -> None:
    """The conversation is erased as the use case does it, but for its runs."""
    async with stores.begin() as work:
        locked = await work.conversations.lock(conversation.id)
        event = ConversationErased(
            workspace_id=locked.workspace_id,
            actor=locked.visitor_actor,
            at=later(stores),
            conversation_id=locked.id,
        )
        await work.conversations.erase(locked, because=event)
        await work.commit(None)


def posted_event(message: Message) -> MessagePosted:
    return MessagePosted(
        workspace_id=message.workspace_id,
        actor=message.author,
        at=message.created_at,
        conversation_id=message.conversation_id,
        message_id=message.id,
        role=message.role,
    )


def run_started(run: Run, at: datetime) -> RunStarted:
    return RunStarted(
        workspace_id=run.workspace_id,
        actor=Conversation.started(run.workspace_id, None, None, at).visitor_actor,
        at=at,
        conversation_id=run.conversation_id,
        run_id=run.id,
        attempt=run.attempt,
        model=run.model or "",
    )


def run_completed(run: Run, at: datetime) -> RunCompleted:
    return RunCompleted(
        workspace_id=run.workspace_id,
        actor=Conversation.started(run.workspace_id, None, None, at).visitor_actor,
        at=at,
        conversation_id=run.conversation_id,
        run_id=run.id,
        message_id=run.reply_message_id,
        question_id=run.message_id,
        answered=run.answered is not False,
        response_seconds=(at - run.created_at).total_seconds(),
        booking_links=run.booking_links,
        minutes_saved=3,
    )


def a_type() -> str:
    """A job type that no other test has."""
    return f"test_{uuid4().hex}"


def a_job(stores: Stores, workspace_id: WorkspaceId | None, **fields: Any) -> Job:
    at = later(stores)
    job = Job(
        id=JobId(new_id(at)),
        type=a_type(),
        payload={"name": "Ada", "count": 3, "share": 0.5, "on": True, "off": None},
        workspace_id=workspace_id,
        run_at=at,
        created_at=at,
    )
    return replace(job, **fields)


async def add_jobs(stores: Stores, *jobs: Job) -> None:
    async with stores.begin() as work:
        for job in jobs:
            await work.jobs.add(job)
        await work.commit(None)


async def claim_one(stores: Stores, job: Job, lease: timedelta = LEASE) -> Claim:
    """The claim of the job, which is the only due one of its type."""
    (claim,) = await stores.queue.claim([job.type], 10, lease)
    return claim


async def stored_job(stores: Stores, job: Job) -> Job:
    async with stores.begin() as work:
        return await work.jobs.get(job.id)


def ids(items: Sequence[Any]) -> list[Any]:
    return [item.id for item in items]
