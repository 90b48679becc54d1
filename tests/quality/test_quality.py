"""That the right passage is found: the corpus and the questions are ours, and nothing is tuned on anything else."""

from collections import Counter
from uuid import UUID

import pytest

from adapters.memory.bell import MemoryBell
from adapters.memory.clock import MemoryClock
from adapters.offline.embedder import OfflineEmbedder
from adapters.postgres.embeddings import PostgresEmbeddings
from adapters.postgres.passage_search import PostgresPassageSearch
from adapters.postgres.pool import open_pool
from adapters.postgres.statements import Database
from adapters.postgres.unit_of_work import PostgresUnits
from adapters.postgres.workspaces import PostgresWorkspaceViews
from adapters.snowball.stemmer import SnowballStemmer
from application.identity.ensure_owner import EnsureOwner
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.ids import WorkspaceId
from tests.application.world import World
from tests.quality.corpus import corpus, questions
from tests.quality.figures import DEPTH, first, recall, told
from tests.quality.measured import READER, Found, found_by, of

WAYS = ("hybrid", "lexical", "semantic")
QUESTIONS = questions()


@pytest.fixture(scope="module", params=["memory", "postgres"])
async def found(request: pytest.FixtureRequest, database_url: str) -> Found:
    """What is found in memory, and in PostgreSQL."""
    if request.param == "memory":
        world = World()
        _, workspace = await world.owner()
        return await found_by(world.begin, world.search, world.embeddings, world.embedder, workspace.id)
    return await _in_postgres(database_url)


async def _in_postgres(database_url: str) -> Found:
    clock, stemmer = MemoryClock(), SnowballStemmer()
    async with open_pool(database_url, 4) as pool:
        database = Database(pool)
        begin = PostgresUnits(database, MemoryBell(), clock, stemmer)
        personal = OpenPersonalWorkspace(begin, PostgresWorkspaceViews(database), clock)
        _, workspace = await EnsureOwner(begin, personal, clock)("quality@example.com", "Maren")
        search = PostgresPassageSearch(database, stemmer)
        return await found_by(begin, search, PostgresEmbeddings(database), OfflineEmbedder(), workspace.id)


def test_the_corpus_is_as_large_as_it_says_and_every_question_has_an_answer_in_it() -> None:
    keys = set(corpus(WorkspaceId(UUID(int=2)), READER).keys.values())

    assert len(keys) >= 100
    assert len(QUESTIONS) >= 200
    assert all(question.right and question.right <= keys for question in QUESTIONS)
    assert max(Counter(question.text for question in QUESTIONS).values()) == 1


def test_literal_questions_find_the_right_passage_among_the_first_three(found: Found) -> None:
    assert first(of(found.plainly, "literal")) >= 95, told(found.plainly)


def test_reworded_questions_find_the_right_passage_among_the_first_three(found: Found) -> None:
    assert first(of(found.plainly, "reworded")) >= 60, told(found.plainly)


def test_a_single_typo_hides_nothing(found: Found) -> None:
    assert first(of(found.plainly, "typo")) >= 95, told(found.plainly)


def test_both_ways_together_are_hardly_ever_worse_than_the_better_one(found: Found) -> None:
    hybrid, *legs = (recall(found.plainly, way, 10) for way in WAYS)

    assert hybrid >= max(legs) - 0.5, told(found.plainly)


def test_further_down_both_ways_together_are_better_than_either(found: Found) -> None:
    hybrid, *legs = (recall(found.plainly, way, DEPTH) for way in WAYS)

    assert hybrid > max(legs), told(found.plainly)


def test_what_is_asked_in_conversation_is_found_among_the_first_three(found: Found) -> None:
    assert first(found.conversationally) >= 85, told(found.conversationally)
