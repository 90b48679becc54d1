"""The tools of a companion: what it may remember, recall and forget for its user while it answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from application.conversations.briefing import MEMORIES, CompanionWork
from application.conversations.citations import Citations
from application.conversations.recall import QUERY_LENGTH, own, recalled
from application.conversations.toolbox import ToolError
from application.knowledge.retrieve import Hit, Retrieve
from application.memories.change_memory import remove_memory
from application.memories.findable import source_of
from application.memories.remember import remember
from application.ports.clock import Clock
from application.ports.unit_of_work import Begin
from domain.actors import ASSISTANT
from domain.conversations import FORGET, MessageRole
from domain.conversations.reply_prompt import Addressee, ReplyFacts
from domain.errors import Invalid, NotFound
from domain.ids import MemoryId
from domain.jobs import Claim
from domain.json import JsonValue, json_of
from domain.knowledge import Source, SourceKind
from domain.memories import Memory, MemoryRemoved, MemorySource, MemorySourceType, Tier
from domain.memories.recall import speaks_of
from domain.prompts import Tool, ToolCall, mark
from domain.text import readable

FOUND = 6
MOST_SPOKEN_OF = 50
SAME = 0.8
"""From this share of its words on a message says what a memory does."""
_NUMBER = re.compile(r"[\[\s]*(\d{1,3})[\]\s]*")


def _texts(required: Sequence[str], **texts: str) -> Mapping[str, object]:
    properties = {name: {"type": "string", "description": description} for name, description in texts.items()}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


COMPANION_TOOLS = (
    Tool(
        name="remember",
        description="Keep something that the user asks you to remember.",
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
        name="search_knowledge",
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
    claim: Claim

    async def use(self, call: ToolCall) -> JsonValue:
        """What the tool answers.

        Raises:
            ToolError: there is no such tool, its arguments are wrong, or it has nothing to give.
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
                return self._shown(await self._search(_text(call.args, "query"), SourceKind.DOCUMENT))
            case _:
                raise ToolError("There is no such tool.")

    async def _remember(self, args: Mapping[str, object]) -> JsonValue:
        content, tier = _text(args, "content"), args.get("tier")
        source = MemorySource(MemorySourceType.MESSAGE, self.facts.history[-1].id)
        chosen = Tier(tier) if isinstance(tier, str) and tier in set(Tier) else Tier.PERSONAL
        now = self.clock.now()
        async with self.begin(self.claim) as work:
            await work.jobs.held(self.claim)  # jobs are locked before workspaces
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
        return {"status": status, "mark": mark(number), "text": kept.memory.content}

    async def _recall(self, args: Mapping[str, object]) -> JsonValue:
        query = _text(args, "query")
        memories = await self._search(query, SourceKind.MEMORY)
        return self._shown([*memories, *await self._search(query, SourceKind.MESSAGE)])

    async def _forget(self, args: Mapping[str, object]) -> JsonValue:
        what = args.get("what")
        memory_id = await self._meant(what.strip() if isinstance(what, str) else "")
        if memory_id is None:
            raise ToolError("There is no such memory. Ask what exactly is meant.")
        now = self.clock.now()
        async with self.begin(self.claim) as work:
            await work.jobs.held(self.claim)
            memory = await self._own(work, memory_id)
            for source in await self._spoken_of(memory):
                await work.passages.remove(source)
            await remove_memory(work, memory, MemoryRemoved.of(memory, by=ASSISTANT, at=now))
            await work.commit(None)
        return {"status": "Forgotten. The user can restore it for 30 days.", "text": memory.content}

    async def _own(self, work: CompanionWork, memory_id: MemoryId) -> Memory:
        try:
            memory = await work.memories.lock(memory_id)
        except NotFound:
            memory = None
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
        said = [message for message in self.facts.history[:-1] if message.content]
        replied = next((each for each in reversed(said) if each.role is MessageRole.ASSISTANT), None)
        cited = replied.metadata.get(MEMORIES) if replied else None
        if isinstance(cited, list) and len(cited) == 1:
            return MemoryId(UUID(str(cited[0])))
        asked = next((each for each in reversed(said) if each.role is MessageRole.MEMBER), None)
        return await self._saying(asked.content) if asked else None

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

    def _shown(self, hits: Sequence[Hit]) -> JsonValue:
        return [
            {
                "mark": mark(self.citations.add(hit.found.passage.source)),
                "kind": str(hit.found.passage.source.kind),
                "heading": hit.found.passage.heading,
                "text": hit.found.passage.text,
                "at": json_of(recalled(hit).at),
            }
            for hit in hits
        ]


def _text(args: Mapping[str, object], name: str) -> str:
    value = args.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ToolError(f"'{name}' is a text.")
    return value
