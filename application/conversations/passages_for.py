from application.conversations.toolbox import QUERY_LENGTH
from application.ports.knowledge import PassageSearch
from domain.conversations.reply_prompt import ReplyFacts
from domain.ids import PassageId
from domain.knowledge import Passage

ENOUGH = 6
LEADING = 20


async def passages_for(facts: ReplyFacts, search: PassageSearch) -> list[Passage]:
    """What the workspace's knowledge base says about the question, best first.

    A question that finds little ("and how long does it take?") is helped by the one before it, and then by the
    beginning of the knowledge base, which is all of a small one.
    """
    found: dict[PassageId, Passage] = {}
    for question in facts.questions:
        if len(found) < ENOUGH:
            hits = await search.search(
                facts.workspace_id, question[:QUERY_LENGTH], language=facts.language, limit=ENOUGH
            )
            found |= {hit.passage.id: hit.passage for hit in hits if hit.passage.id not in found}
    if len(found) < ENOUGH:
        leading = await search.leading(facts.workspace_id, limit=LEADING)
        found |= {passage.id: passage for passage in leading if passage.id not in found}
    return list(found.values())
