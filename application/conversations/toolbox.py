"""The tools of a reply: what the assistant may look up and do while it answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.conversations.briefing import Answer
from application.conversations.request_person import request_person
from application.knowledge.retrieve import Retrieve
from application.ports.clock import Clock
from application.ports.conversations import ConversationsWork
from application.ports.unit_of_work import Begin
from domain.actors import ASSISTANT
from domain.conversations import REPORT_UNANSWERED, ConversationClosed, Run
from domain.conversations.reply_prompt import ReplyFacts
from domain.jobs import Claim
from domain.json import JsonValue
from domain.knowledge import Filters
from domain.prompts import Tool, ToolCall

QUERY_LENGTH = 1_000
FOUND = 5
_NOTHING: Mapping[str, object] = {"type": "object", "properties": {}, "additionalProperties": False}
_QUERY: Mapping[str, object] = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "What to look for, in a few words."}},
    "required": ["query"],
    "additionalProperties": False,
}
_QUESTION: Mapping[str, object] = {
    "type": "object",
    "properties": {"question": {"type": "string", "description": "The question, understandable by itself."}},
    "required": ["question"],
    "additionalProperties": False,
}

TOOLS = (
    Tool(name="search_knowledge", description="Search what the business has written about itself.", parameters=_QUERY),
    Tool(name="list_services", description="List the services with durations and prices.", parameters=_NOTHING),
    Tool(name="get_booking_link", description="Get the page where visitors book.", parameters=_NOTHING),
    Tool(name="ask_a_person", description="Have a person of the business answer.", parameters=_NOTHING),
    Tool(
        name=REPORT_UNANSWERED,
        description="Report a question that neither the passages nor the tools answer, so that the business can add "
        "the answer. The visitor is not told; say that you do not know, too.",
        parameters=_QUESTION,
    ),
)


class ToolError(Exception):
    """The tool could not do it; the sentence goes back to the model."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools, for one reply."""

    begin: Begin[ConversationsWork]
    retrieve: Retrieve
    clock: Clock
    facts: ReplyFacts
    run: Run
    claim: Claim

    def shown(self, call: ToolCall) -> ToolCall:
        """The call as it is: members may see what visitors ask for."""
        return call

    async def use(self, call: ToolCall) -> Answer:
        """What the tool answers, all of which is kept.

        Raises:
            ToolError: there is no such tool, its arguments are wrong, or it has nothing to give.
            NotFound: the conversation was erased.
        """
        told = await self._answer(call)
        return Answer(told, told)

    async def _answer(self, call: ToolCall) -> JsonValue:
        if call.args is None:
            raise ToolError("The arguments are not a JSON object. Call the tool again with one.")
        match call.tool:
            case "search_knowledge":
                return await self._search_knowledge(call.args)
            case "list_services":
                return [service.described() for service in self.facts.services]
            case "get_booking_link":
                return self._get_booking_link()
            case "ask_a_person":
                return await self._ask_a_person()
            case "report_unanswered":
                return _report_unanswered(call.args)
            case _:
                raise ToolError("There is no such tool.")

    async def _search_knowledge(self, args: Mapping[str, object]) -> JsonValue:
        query = args.get("query")
        if not isinstance(query, str) or not query.strip():
            raise ToolError("'query' is the text to look for.")
        filters = Filters.of_visitors(self.facts.workspace_id, self.clock.now())
        retrieved = await self.retrieve(query[:QUERY_LENGTH], self.facts.language, filters, FOUND)
        passages = [hit.found.passage for hit in retrieved.hits]
        return [{"heading": passage.heading, "text": passage.text} for passage in passages]

    def _get_booking_link(self) -> JsonValue:
        if self.facts.booking_url is None:
            raise ToolError("There is no booking page. Offer to take a message instead.")
        return {"url": self.facts.booking_url, "provider": self.facts.booking_type}

    async def _ask_a_person(self) -> JsonValue:
        now = self.clock.now()
        async with self.begin(self.claim) as work:
            conversation = await work.conversations.lock(self.run.conversation_id)
            try:
                await request_person(work, conversation, by=ASSISTANT, at=now)
            except ConversationClosed as error:
                raise ToolError("The conversation is closed, and nobody will answer here.") from error
            await work.commit(None)
        return {"status": "A person has been told and will answer here."}


def _report_unanswered(args: Mapping[str, object]) -> JsonValue:
    question = args.get("question")
    if not isinstance(question, str) or not question.strip():
        raise ToolError("'question' is the text of what was asked.")
    return {"status": "Noted for the business."}
