"""The tools of a companion: what it may remember, recall and forget for its user while it answers."""

import re
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from application.conversations.briefing import MEMORIES, Answer, CompanionWork
from application.conversations.citations import Citations
from application.conversations.recall import QUERY_LENGTH, own, recalled
from application.conversations.toolbox import ToolError
from application.conversations.user_said import UserSaid
from application.knowledge.retrieve import Hit, Retrieve
from application.memories.change_memory import remove_memory
from application.memories.findable import source_of
from application.memories.remember import remember
from application.ports.clock import Clock
from application.ports.unit_of_work import Begin
from domain.actors import ASSISTANT
from domain.conversations import FORGET, Run
from domain.conversations.reply_prompt import Addressee, ReplyFacts
from domain.errors import Invalid, NotFound
from domain.ids import MemoryId
from domain.jobs import Claim
from domain.json import JsonValue, json_of
from domain.knowledge import Source, SourceKind
from domain.memories import Memory, MemoryRemoved, MemorySource, MemorySourceType, Tier
from domain.memories.queries import query_of
from domain.memories.recall import speaks_of
from domain.prompts import Tool, ToolCall, mark
from domain.text import readable

FOUND = 6
MOST_SPOKEN_OF = 50
SAME = 0.8
"""From this share of its words on a message says what a memory does."""
SEARCH = "search_knowledge"
_NUMBER = re.compile(r"[\[\s]*(\d{1,3})[\]\s]*")


def _texts(required: Sequence[str], **texts: str) -> Mapping[str, object]:
    properties = {name: {"type": "string", "description": description} for name, description in texts.items()}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


COMPANION_TOOLS = (
    Tool(
        name="remember",
        description="Keep something that the user has told you and asks you to remember.",
        parameters=_texts(
            ("content",),
            content="One fact in a sentence that is understood by itself, in the user's words.",
            tier="'personal' for who they are and what they like, 'project' for goals, 'task' for what is to be done.",
        ),
    ),
    Tool(
        name="recall",
        description="Search what you remember of the user, and what was said between you.",
        parameters=_texts(("query",), query="What to look for, in a few words."),
    ),
    Tool(
        name=FORGET,
        description="Forget one memory, and where it was spoken of, when the user asks for it.",
        parameters=_texts(
            ("what",), what="The number of its mark, or what it says; empty for what your last answer rested on."
        ),
    ),
    Tool(
        name=SEARCH,
        description="Search the documents of the workspace.",
        parameters=_texts(("query",), query="What to look for, in a few words."),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionToolbox:
    """The tools, for one reply to the user."""

    begin: Begin[CompanionWork]
    retrieve: Retrieve
    clock: Clock
    facts: ReplyFacts
    addressee: Addressee
    citations: Citations
    run: Run
    claim: Claim
    _forgotten: list[MemoryId] = field(default_factory=list[MemoryId], init=False)

    def shown(self, call: ToolCall) -> ToolCall:
        """The call without the words in which a memory may be spoken of: what is forgotten stands in no run."""
        if call.args is None or call.tool == SEARCH:
            return call
        return replace(call, args={name: value for name, value in call.args.items() if _tells_nothing(name, value)})

    async def use(self, call: ToolCall) -> Answer:
        """What the tool answers; of what it tells of memories and messages only marks and ids are kept.

        Raises:
            ToolError: there is no such tool, its arguments are wrong, it has nothing to give, or nobody asked for it.
            NotFound: the conversation was erased.
        """
        if call.args is None:
            raise ToolError("The arguments are not a JSON object. Call the tool again with one.")
        match call.tool:
            case "remember":
                return await self._remember(call.args)
            case "recall":
                return await self._recall(call.args)
            case "forget":
                return await self._forget(call.args)
            case "search_knowledge":
                told = self._told(await self._search(_text(call.args, "query"), SourceKind.DOCUMENT))
                return Answer(told, told)
            case _:
                raise ToolError("There is no such tool.")

    async def _remember(self, args: Mapping[str, object]) -> Answer:
        content, tier = _text(args, "content"), args.get("tier")
        if not self._user.tells(content):
            raise ToolError("The user has not said so. Use their own words, or ask them to tell you first.")
        source = MemorySource(MemorySourceType.MESSAGE, self.facts.history[-1].id)
        chosen = Tier(tier) if isinstance(tier, str) and tier in set(Tier) else Tier.PERSONAL
        now = self.clock.now()
        async with self.begin(self.claim) as work:
            await self._lock(work)
            policy = await work.memory_policies.get(self.facts.workspace_id)
            try:
                memory = Memory.added(
                    self.facts.workspace_id,
                    self.addressee.id,
                    {"content": readable(content), "tier": chosen},
                    policy.retention,
                    now,
                    source=source,
                )
            except Invalid as error:
                raise ToolError("'content' is one sentence.") from error
            kept = await remember(work, memory, policy.language, now, by=ASSISTANT)
            await work.commit(None)
        number = self.citations.add(source_of(kept.memory.id))
        status = "Remembered." if kept.new else "That was remembered already."
        marked: Mapping[str, JsonValue] = {"status": status, "mark": mark(number)}
        return Answer({**marked, "text": kept.memory.content}, {**marked, "id": str(kept.memory.id)})

    async def _recall(self, args: Mapping[str, object]) -> Answer:
        now, zone, language = self.clock.now(), self.addressee.timezone, self.facts.language
        query = query_of(_text(args, "query")[:QUERY_LENGTH], now, zone, language)
        among = [
            replace(own(self.facts, self.addressee, now, frozenset({kind})), since=query.since, until=query.until)
            for kind in (SourceKind.MEMORY, SourceKind.MESSAGE)
        ]
        found = await self.retrieve.each(query.text[:QUERY_LENGTH], language, [(filters, FOUND) for filters in among])
        hits = [hit for retrieved in found for hit in retrieved.hits]
        return Answer(self._told(hits), [self._kept(hit) for hit in hits])

    async def _forget(self, args: Mapping[str, object]) -> Answer:
        if self._forgotten or not self._user.asks_to_forget:
            raise ToolError("The user has not asked for it. They can say what to forget, one thing at a time.")
        what = args.get("what")
        memory_id = await self._meant(what.strip() if isinstance(what, str) else "")
        if memory_id is None:
            raise ToolError("There is no such memory. Ask what exactly is meant.")
        async with self.begin() as work:
            known = self._own(await _found(work.memories.get(memory_id)))
        spoken_of = await self._spoken_of(known)  # may take seconds, in which nothing is to be locked
        async with self.begin(self.claim) as work:
            await self._lock(work)
            await work.memory_policies.get(self.facts.workspace_id)  # before the memory is locked, as everybody does
            memory = self._own(await _found(work.memories.lock(memory_id)))
            if memory.content != known.content:
                raise ToolError("That memory has just been changed. Ask whether it is still to be forgotten.")
            for source in spoken_of:
                await work.passages.remove(source)
            await remove_memory(work, memory, MemoryRemoved.of(memory, by=ASSISTANT, at=self.clock.now()))
            await work.commit(None)
        self._forgotten.append(memory.id)
        status: Mapping[str, JsonValue] = {"status": "Forgotten. The user can restore it for 30 days."}
        return Answer({**status, "text": memory.content}, {**status, "id": str(memory.id)})

    async def _lock(self, work: CompanionWork) -> None:
        """Nothing of an erased conversation is remembered. Jobs are locked after conversations, before workspaces."""
        await work.conversations.lock(self.run.conversation_id)
        await work.jobs.held(self.claim)

    @property
    def _user(self) -> UserSaid:
        return UserSaid(self.facts, self.addressee)

    def _own(self, memory: Memory | None) -> Memory:
        if memory is None or memory.owner_id != self.addressee.id or memory.deleted_at is not None:
            raise ToolError("There is no such memory any more.")
        return memory

    async def _meant(self, what: str) -> MemoryId | None:
        """The memory with this number or of these words; of none, the one that is spoken of."""
        if number := _NUMBER.fullmatch(what):
            source = self.citations.source(int(number[1]))
            return MemoryId(source.id) if source and source.kind is SourceKind.MEMORY else None
        if what:
            return await self._saying(what)
        replied = self._user.replied
        cited = replied.metadata.get(MEMORIES) if replied else None
        if isinstance(cited, list) and len(cited) == 1:
            return MemoryId(UUID(str(cited[0])))
        asked = next((said for said in self._user.of_late[1:] if said), None)
        return await self._saying(asked) if asked else None

    async def _saying(self, what: str) -> MemoryId | None:
        for hit in await self._search(what, SourceKind.MEMORY):
            if speaks_of(hit.found.passage.text, what, self.facts.language):
                return MemoryId(hit.found.passage.source.id)
        return None

    async def _spoken_of(self, memory: Memory) -> Sequence[Source]:
        """The messages that say the same: they stay as they are, but nobody is reminded of them."""
        hits = await self._search(memory.content, SourceKind.MESSAGE, MOST_SPOKEN_OF)
        return [
            hit.found.passage.source
            for hit in hits
            if speaks_of(hit.found.passage.text, memory.content, self.facts.language, SAME)
        ]

    async def _search(self, query: str, kind: SourceKind, limit: int = FOUND) -> Sequence[Hit]:
        filters = own(self.facts, self.addressee, self.clock.now(), frozenset({kind}))
        return (await self.retrieve(query[:QUERY_LENGTH], self.facts.language, filters, limit)).hits

    def _told(self, hits: Sequence[Hit]) -> JsonValue:
        return [
            {
                **self._marked(hit),
                "heading": hit.found.passage.heading,
                "text": hit.found.passage.text,
                "at": json_of(recalled(hit).at),
            }
            for hit in hits
        ]

    def _kept(self, hit: Hit) -> JsonValue:
        return {**self._marked(hit), "id": str(hit.found.passage.source.id)}

    def _marked(self, hit: Hit) -> Mapping[str, JsonValue]:
        source = hit.found.passage.source
        return {"mark": mark(self.citations.add(source)), "kind": str(source.kind)}


async def _found(memory: Awaitable[Memory]) -> Memory | None:
    try:
        return await memory
    except NotFound:
        return None


def _tells_nothing(name: str, value: object) -> bool:
    if name == "tier":
        return isinstance(value, str) and value in set(Tier)
    return name == "what" and isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _text(args: Mapping[str, object], name: str) -> str:
    value = args.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ToolError(f"'{name}' is a text.")
    return value
