"""What a companion does after its reply, in the short words in which tests speak of it."""

from uuid import UUID

from typing_extensions import override

from adapters.memory.collections import MemoryCollectionViews
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.language_model import MemoryLanguageModels
from adapters.memory.memories import MemoryMemoryViews
from adapters.offline.language_model import OfflineLanguageModel
from application.memories.extract import Extract
from application.memories.look_up import LookUp
from application.memories.remember_conversation import ConversationRememberer, RememberConversation
from application.ports.jobs import JobProgress
from application.ports.language_model import LanguageModel
from domain.conversations import Run
from domain.ids import ConversationId, RunId, UserId
from domain.jobs import Claim
from domain.knowledge import Filters, SourceKind
from domain.memories import Memory
from domain.pricing import PriceList
from tests.application.conversations.companion import Talk
from tests.application.doubles import Act
from tests.application.world import LEASE, World


class Meanwhile(MemoryJobProgress):
    """Something happens once the job has told that it begins a step: by its note."""

    def __init__(self, step: str, act: Act) -> None:
        super().__init__()
        self._step = step
        self._act = act

    @override
    async def report(self, percent: int, note: str | None = None) -> None:
        await super().report(percent, note)
        if note == self._step:
            await self._act()


def rememberer(world: World, model: LanguageModel | None = None) -> ConversationRememberer:
    """What remembers conversations, by rules unless there is a model."""
    models = MemoryLanguageModels(model or OfflineLanguageModel())
    return ConversationRememberer(
        begin=world.begin,
        views=world.conversations,
        extract=Extract(world.begin, models, PriceList(), world.clock),
        look_up=LookUp(world.search, MemoryMemoryViews(world.store), MemoryCollectionViews(world.store)),
        clock=world.clock,
    )


def job_of(claim: Claim) -> RememberConversation:
    """What a claimed job is to do."""
    given = {name: UUID(str(value)) for name, value in claim.payload.items()}
    return RememberConversation(
        run_id=RunId(given["run_id"]),
        conversation_id=ConversationId(given["conversation_id"]),
        user_id=UserId(given["user_id"]),
    )


async def claims(world: World) -> list[Claim]:
    """The jobs that remember what was said, in the hands of a worker."""
    return list(await world.queue.claim([RememberConversation.type], 100, LEASE))


async def remembered(
    world: World, model: LanguageModel | None = None, progress: JobProgress | None = None
) -> list[Claim]:
    """The jobs that wait, done one after the other."""
    done: list[Claim] = []
    while batch := await claims(world):
        for claim in batch:
            await rememberer(world, model)(job_of(claim), claim, progress or MemoryJobProgress())
            await world.queue.finish(claim)
            done.append(claim)
    return done


async def told(talk: Talk, content: str, model: LanguageModel | None = None) -> Run:
    """What the user says is answered offline, and then remembered."""
    run = await talk.ask(content)
    await remembered(talk.world, model)
    return run


def memories(talk: Talk) -> list[Memory]:
    """All of the user's that are not deleted, in the order in which they were added."""
    stored = talk.world.store.memories.rows.values()
    return [each for each in stored if each.deleted_at is None]


def known(talk: Talk) -> list[str]:
    """What the live ones say."""
    return [memory.content for memory in memories(talk) if memory.live]


async def found(
    talk: Talk, query: str, kind: SourceKind = SourceKind.MESSAGE, reader: UserId | None = None
) -> list[str]:
    """The texts of what a user finds by the words of the query, with their headings."""
    filters = Filters(
        workspace_id=talk.workspace_id,
        reader_id=reader or UserId(talk.caller.actor.id),
        kinds=frozenset({kind}),
        at=talk.world.clock.now(),
    )
    ranked = await talk.world.search.lexical(query, "en", filters, 100)
    return [each.passage.words for each in await talk.world.search.found([hit.passage_id for hit in ranked])]
