"""A whole application in memory, and the short words in which tests speak to it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast
from uuid import UUID

from adapters.memory.activity import MemoryActivityViews
from adapters.memory.bell import MemoryBell
from adapters.memory.clock import MemoryClock
from adapters.memory.conversations import MemoryConversationViews
from adapters.memory.embeddings import MemoryEmbeddings
from adapters.memory.idempotency import MemoryIdempotencyKeys
from adapters.memory.instance_views import MemoryInstanceViews
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.jobs import MemoryJobQueue, MemoryJobViews
from adapters.memory.language_model import MemoryLanguageModels, ScriptedLanguageModel
from adapters.memory.memory_profiles import MemoryMemoryProfileViews
from adapters.memory.origins import MemoryOrigins
from adapters.memory.passage_search import MemoryPassageSearch
from adapters.memory.scheduling import MemorySchedulingViews
from adapters.memory.secret_box import MemorySecretBox
from adapters.memory.store import MemoryStore
from adapters.memory.unit_of_work import MemoryUnits
from adapters.memory.workspaces import MemoryWorkspaceViews
from adapters.offline.embedder import OfflineEmbedder
from adapters.snowball.stemmer import SnowballStemmer
from application.conversations.brief_companion import BriefCompanion
from application.conversations.conversation_frames import ConversationFrames, Frames
from application.conversations.end_abandoned_run import EndAbandonedRun
from application.conversations.follow_conversation import FollowConversation
from application.conversations.generate_reply import GenerateReply, ReplyGenerator
from application.conversations.post_message import PostedMessage, PostMessage, PostMessageCommand
from application.conversations.recall import Recall
from application.conversations.start_conversation import StartConversation, StartConversationCommand
from application.identity.ensure_owner import EnsureOwner
from application.knowledge.embed_passages import EmbedPassages, PassageEmbedder
from application.knowledge.retrieve import Retrieve
from application.ports.activity import ActivityView
from application.ports.embedder import Embedder
from application.ports.jobs import Burial, JobProgress, JobsWork
from application.ports.language_model import LanguageModel, TextDelta
from application.ports.workspaces import WorkspaceView
from application.workspaces.edit_workspace import EditWorkspace
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller, Grant, Role
from domain.actors import Actor, ActorType
from domain.conversations import Frame, IfBusy, Run
from domain.ids import ConversationId, JobId, RunId, UserId, WorkspaceId, new_id
from domain.jobs import Claim, Job
from domain.knowledge import Filters
from domain.pricing import PriceList
from domain.workspaces import WorkspaceChanges
from tests.application.doubles import ActingLanguageModel, WatchedRunLog

LEASE = timedelta(seconds=30)


class Crash(Exception):
    """The worker dies at this point of a script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visitor in their conversation."""

    caller: Caller
    conversation_id: ConversationId


@dataclass(slots=True)
class World:
    """The ports, filled by memory."""

    clock: MemoryClock = field(default_factory=MemoryClock)
    bell: MemoryBell = field(default_factory=MemoryBell)
    store: MemoryStore = field(default_factory=MemoryStore)
    log: WatchedRunLog = field(default_factory=WatchedRunLog)
    secret_box: MemorySecretBox = field(default_factory=MemorySecretBox)
    origins: MemoryOrigins = field(default_factory=MemoryOrigins)
    begin: MemoryUnits = field(init=False)
    queue: MemoryJobQueue = field(init=False)
    conversations: MemoryConversationViews = field(init=False)
    workspaces: MemoryWorkspaceViews = field(init=False)
    scheduling: MemorySchedulingViews = field(init=False)
    jobs: MemoryJobViews = field(init=False)
    instance: MemoryInstanceViews = field(init=False)
    activity: MemoryActivityViews = field(init=False)
    keys: MemoryIdempotencyKeys = field(init=False)
    embedder: Embedder = field(default_factory=OfflineEmbedder)
    search: MemoryPassageSearch = field(init=False)
    profiles: MemoryMemoryProfileViews = field(init=False)
    embeddings: MemoryEmbeddings = field(init=False)

    def __post_init__(self) -> None:
        self.begin = MemoryUnits(self.store, self.bell, self.clock)
        self.queue = MemoryJobQueue(self.store, self.bell, self.clock)
        self.conversations = MemoryConversationViews(self.store)
        self.workspaces = MemoryWorkspaceViews(self.store)
        self.scheduling = MemorySchedulingViews(self.store)
        self.jobs = MemoryJobViews(self.store)
        self.instance = MemoryInstanceViews(self.store)
        self.activity = MemoryActivityViews(self.store)
        self.keys = MemoryIdempotencyKeys(self.store)
        self.search = MemoryPassageSearch(self.store, SnowballStemmer())
        self.embeddings = MemoryEmbeddings(self.store)
        self.profiles = MemoryMemoryProfileViews(self.store)

    # Identity and workspaces

    @property
    def open_personal_workspace(self) -> OpenPersonalWorkspace:
        return OpenPersonalWorkspace(self.begin, self.workspaces, self.clock)

    @property
    def ensure_owner(self) -> EnsureOwner:
        return EnsureOwner(self.begin, self.open_personal_workspace, self.clock)

    async def owner(self, email: str = "ada@example.com") -> tuple[Caller, WorkspaceView]:
        return await self.ensure_owner(email, "Ada")

    def stranger(self) -> Caller:
        """A user who belongs elsewhere."""
        now = self.clock.now()
        actor = Actor(ActorType.USER, UserId(new_id(now)), "Eve")
        return Caller(actor=actor, grants={WorkspaceId(new_id(now)): Grant.of(Role.OWNER)})

    def viewer(self, workspace: WorkspaceView) -> Caller:
        """A member who may only look."""
        return Caller(actor=self.stranger().actor, grants={workspace.id: Grant.of(Role.VIEWER)})

    @property
    def edit_workspace(self) -> EditWorkspace:
        models = MemoryLanguageModels(ScriptedLanguageModel(), ScriptedLanguageModel(name="scripted:other"))
        return EditWorkspace(self.begin, models, self.clock)

    async def edit(self, owner: Caller, workspace: WorkspaceView, changes: WorkspaceChanges) -> WorkspaceView:
        return await self.edit_workspace(owner, workspace.id, changes)

    # Knowledge

    @property
    def retrieve(self) -> Retrieve:
        return Retrieve(self.search, self.embedder)

    async def find(self, workspace_id: WorkspaceId, query: str, language: str = "en") -> list[str]:
        """The texts of what a visitor may be told, found by the words of the query, best first."""
        filters = Filters.of_visitors(workspace_id, self.clock.now())
        ranked = await self.search.lexical(query, language, filters, 100)
        found = {
            each.passage.id: each.passage.text for each in await self.search.found([hit.passage_id for hit in ranked])
        }
        return [found[hit.passage_id] for hit in ranked]

    async def embed(self) -> None:
        """Gives all passages their vectors, as the worker does."""
        embed = PassageEmbedder(self.embeddings, self.embedder)
        for claim in await self.queue.claim([EmbedPassages.type], 100, LEASE):
            workspace_id = WorkspaceId(UUID(str(claim.payload["workspace_id"])))
            await embed(EmbedPassages(workspace_id=workspace_id), claim, MemoryJobProgress())
            await self.queue.finish(claim)

    # Conversations

    async def visit(self, handle: str | None = None) -> Visit:
        """A visitor's new conversation with the workspace, or with a new one."""
        if handle is None:
            _, workspace = await self.owner(f"{new_id(self.clock.now()).hex}@example.com")
            handle = workspace.handle
        start = StartConversation(self.begin, self.workspaces, self.clock)
        started = await start(StartConversationCommand(workspace_handle=handle))
        actor = Actor(ActorType.VISITOR, started.conversation_id, "Visitor")
        caller = Caller(actor=actor, conversation_id=started.conversation_id)
        return Visit(caller=caller, conversation_id=started.conversation_id)

    async def say(
        self, visit: Visit, content: str = "Hello?", if_busy: IfBusy = IfBusy.QUEUE, address: str | None = None
    ) -> PostedMessage:
        self.clock.advance(timedelta(milliseconds=1))
        command = PostMessageCommand(
            conversation_id=visit.conversation_id, content=content, if_busy=if_busy, address=address
        )
        return await PostMessage(self.begin, self.origins, self.clock)(visit.caller, command)

    def run_for(self, posted: PostedMessage) -> Run:
        """The run that answers what was posted."""
        assert posted.run
        return self.run(posted.run.id)

    async def claim(self) -> Claim:
        """The next job of a reply, in the hands of a worker."""
        (claim,) = await self.queue.claim([GenerateReply.type], 1, LEASE)
        return claim

    async def asked(self, content: str = "Hello?") -> tuple[Visit, Claim]:
        """A visitor with a question, and the claim of the job that answers it."""
        visit = await self.visit()
        await self.say(visit, content)
        return visit, await self.claim()

    async def reply(self, claim: Claim, model: LanguageModel, progress: JobProgress | None = None) -> Run:
        """The run of the claim after a reply was made for it."""
        await self.generator(model)(job_of(claim), claim, progress or MemoryJobProgress())
        return self.run_of(claim)

    def generator(self, model: LanguageModel) -> ReplyGenerator:
        return self.generator_of(model)

    def generator_of(self, *models: LanguageModel, prices: PriceList | None = None) -> ReplyGenerator:
        """What makes replies with these models."""
        return ReplyGenerator(
            begin=self.begin,
            views=self.conversations,
            retrieve=self.retrieve,
            companions=BriefCompanion(self.begin, Recall(self.retrieve, self.profiles), self.clock),
            models=MemoryLanguageModels(*models),
            prices=prices or PriceList(),
            log=self.log,
            clock=self.clock,
        )

    async def crash_after(self, claim: Claim, text: str) -> None:
        """The worker of the claim makes this much of the reply, saves a checkpoint, and is found dead."""

        async def a_second() -> None:
            self.clock.advance(timedelta(seconds=1))

        script = ScriptedLanguageModel([TextDelta(text), TextDelta("…"), Crash()])
        with suppress(Crash):
            await self.reply(claim, ActingLanguageModel(script, {text: a_second}))
        self.clock.advance(LEASE)
        await self.queue.expire()

    def run_of(self, claim: Claim) -> Run:
        """The run that the claim's job makes, as it is stored."""
        return self.run(job_of(claim).run_id)

    async def show(self, visit: Visit, last_id: str | None = None, *, follow: bool = False) -> Frames | None:
        follow_conversation = FollowConversation(ConversationFrames(self.conversations, self.log, self.bell))
        return await follow_conversation(visit.caller, visit.conversation_id, last_id, follow=follow)

    async def shown(self, visit: Visit, last_id: str | None = None) -> list[Frame]:
        """All frames of a stream that ends by itself."""
        frames = await self.show(visit, last_id)
        return [frame async for frame in frames if isinstance(frame, Frame)] if frames else []

    @property
    def burials(self) -> Mapping[str, Burial[JobsWork]]:
        # One class of units is seen through all the protocols, those of jobs and of conversations.
        return cast("Mapping[str, Burial[JobsWork]]", {GenerateReply.type: EndAbandonedRun(self.clock)})

    # What is stored

    def run(self, run_id: RunId) -> Run:
        return self.store.runs.rows[run_id]

    def job(self, job_id: JobId) -> Job:
        return self.store.jobs.rows[job_id]

    def said(self, visit: Visit) -> list[str]:
        """The contents of the conversation's messages."""
        messages = [row for row in self.store.messages.rows.values() if row.conversation_id == visit.conversation_id]
        return [message.content for message in sorted(messages, key=lambda message: message.position)]

    def events(self, workspace_id: WorkspaceId) -> list[ActivityView]:
        return self.store.activity[workspace_id]

    def happened(self) -> list[str]:
        """The types of all events of all workspaces."""
        return [event.type for events in self.store.activity.values() for event in events]


def job_of(claim: Claim) -> GenerateReply:
    """What a claimed reply's job is to do."""
    given = {name: UUID(str(value)) for name, value in claim.payload.items() if value is not None}
    return GenerateReply(
        run_id=RunId(given["run_id"]),
        conversation_id=ConversationId(given["conversation_id"]),
        workspace_id=WorkspaceId(given["workspace_id"]),
        user_id=UserId(given["user_id"]) if "user_id" in given else None,
    )
