"""The demo business as a visitor meets it: its knowledge searched, its services beside it, the offline model asked."""

from datetime import UTC, datetime

from adapters.memory.passage_search import MemoryDraftSearch
from adapters.offline.language_model import OfflineLanguageModel
from adapters.snowball.stemmer import SnowballStemmer
from application.ports.language_model import TextDelta
from application.workspaces.demo import DEMO_KNOWLEDGE, DEMO_SERVICES, DEMO_WORKSPACE, DemoService
from domain.ids import PassageId, WorkspaceId, new_id
from domain.knowledge import Filters, Passage, Source, Standing, passages_of
from domain.prompts import Prompt, UserTurn

_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_WORKSPACE = WorkspaceId(new_id(_AT))


def _service(position: int, service: DemoService) -> Passage:
    text = (
        f"{service.name}: {service.duration_minutes} minutes, {service.format.replace('_', ' ')}, "
        f"from {service.price} {service.currency}. {service.description}"
    )
    return Passage(
        id=PassageId(new_id(_AT)),
        workspace_id=_WORKSPACE,
        source=Source.knowledge_base(_WORKSPACE),
        position=position,
        heading="Services",
        text=text,
        start=0,
        end=len(text),
    )


SERVICES = tuple(_service(position, service) for position, service in enumerate(DEMO_SERVICES))
KNOWLEDGE = passages_of(_WORKSPACE, Source.knowledge_base(_WORKSPACE), DEMO_KNOWLEDGE, _AT)
_SEARCH = MemoryDraftSearch(SnowballStemmer()).of(KNOWLEDGE, Standing(at=_AT))


async def ask_demo(*said: str, everything: bool = False) -> str:
    """The answer to the last of the messages `said`, without tools, from the six best passages or from all."""
    language = DEMO_WORKSPACE.language
    ranked = await _SEARCH.lexical(said[-1], language, Filters.of_visitors(_WORKSPACE, _AT), 6)
    held = {passage.id: passage for passage in KNOWLEDGE}
    found = [held[each.passage_id] for each in ranked]
    prompt = Prompt(
        version="test",
        language=language,
        instructions=DEMO_WORKSPACE.instructions,
        passages=(*SERVICES, *(KNOWLEDGE if everything else found)),
        turns=tuple(UserTurn(text=text) for text in said),
    )
    events = [event async for event in OfflineLanguageModel().stream(prompt, ())]
    return "".join(event.text for event in events if isinstance(event, TextDelta))
