from application.conversations.toolbox import QUERY_LENGTH
from application.knowledge.retrieve import Retrieve
from domain.conversations.reply_prompt import ReplyFacts
from domain.ids import PassageId
from domain.knowledge import Filters, Passage

ENOUGH = 6
LEADING = 20


async def passages_for(facts: ReplyFacts, retrieve: Retrieve, filters: Filters) -> list[Passage]:
    """What the documents that pass the filters say about the question, best first.

    A question with whose words little is found ("and how long does it take?") is helped by the one before it, and then
    by the beginning of the documents, which is all of a small knowledge base.
    """
    found: dict[PassageId, Passage] = {}
    by_words: set[PassageId] = set()
    for question in facts.questions:
        if len(by_words) < ENOUGH:
            retrieved = await retrieve(question[:QUERY_LENGTH], facts.language, filters, ENOUGH)
            by_words |= {hit.found.passage.id for hit in retrieved.hits if hit.parts.lexical}
            found |= {each.id: each for hit in retrieved.hits if (each := hit.found.passage).id not in found}
    if len(by_words) < ENOUGH:
        leading = await retrieve.search.leading(filters, LEADING)
        found |= {passage.id: passage for passage in leading if passage.id not in found}
    return list(found.values())
