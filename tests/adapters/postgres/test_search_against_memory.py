"""Both stores search alike, whatever they hold and whatever is asked; and neither finds what is somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest

from application.ports.passage_search import Ranked
from domain.ids import PassageId, UserId
from domain.knowledge import Filters, Passage, Scope, Source, SourceKind, Standing
from domain.memories import Tier
from tests.adapters.memory.conftest import memory_stores
from tests.contracts.examples import Tenant, a_tenant, a_user, later
from tests.contracts.shelf import AT, a_source, everything, passages
from tests.contracts.stores import Stores
from tests.soak import amount

_WORDS = (
    "harbour harbours harbor arbour boat boats coat sail sailing sails mail café cafe naïve 1200 1201 lift left "
    "gift card voucher préférée preferee the of and Straße strasse гавань гаваней 港口"
).split()
_LANGUAGES = ("en", "fr", "de", "ru", "xx")


@dataclass(frozen=True, slots=True)
class Held:
    """A source as it was stored: nobody but its reader in its workspace may find its passages."""

    tenant: Tenant
    standing: Standing
    passages: list[Passage]


@pytest.mark.parametrize("seed", range(amount(4, 300)))
async def test_both_stores_find_the_same_in_the_same_order_and_nothing_that_is_hidden(
    stores: Stores, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 (the same each time)
    memory = memory_stores()
    tenants = [await a_tenant(stores), await a_tenant(stores)]
    users = [tenants[0].user.id, tenants[1].user.id, a_user(AT).id]
    held = [_held(chance, tenants, users) for _ in range(chance.randint(5, 40))]
    for each in held:
        language = chance.choice(_LANGUAGES)
        vectors = {passage.id: _vector(chance) for passage in each.passages if chance.random() < 0.8}
        for store in (stores, memory):
            await _store(store, each, language)
            await store.embeddings.put("one", vectors)
    for _ in range(30):
        filters = _filters(chance, tenants, users, held)
        query, language = " ".join(_said(chance, 6)), chance.choice(_LANGUAGES)
        vector, limit = _vector(chance), chance.choice([3, 100])
        ours, theirs = stores.passage_search, memory.passage_search
        asked = (query, language, filters, limit)
        lexical = _alike(await ours.lexical(*asked), await theirs.lexical(*asked), 1e-9)
        semantic = _alike(
            await ours.semantic(vector, "one", filters, limit),
            await theirs.semantic(vector, "one", filters, limit),
            2e-3,
        )
        assert await ours.coverage("one", filters) is await theirs.coverage("one", filters)
        leading = [each.id for each in await ours.leading(filters, 100)]
        assert leading == [each.id for each in await theirs.leading(filters, 100)]
        visible = _visible(held, filters)
        assert lexical | semantic | set(leading) <= visible
        assert len(semantic) <= limit


async def test_a_canary_is_found_by_its_reader_alone(stores: Stores) -> None:
    tenants = [await a_tenant(stores), await a_tenant(stores)]
    users: list[UserId | None] = [tenants[0].user.id, tenants[1].user.id, None]
    planted: list[tuple[Tenant, UserId | None, PassageId]] = []
    for tenant in tenants:
        for reader in users:
            source = a_source(SourceKind.MEMORY)
            (passage,) = pieces = passages(tenant.id, "The canary sings.", source=source)
            standing = Standing(owner_id=reader, reader_id=reader, at=AT)
            await _store(stores, Held(tenant, standing, pieces), "en")
            await stores.embeddings.put("one", {passage.id: (1.0, 0.0)})
            planted.append((tenant, reader, passage.id))
    for tenant in tenants:
        for reader in users:
            filters = everything(tenant.id, reader_id=reader)
            may = {key for where, whose, key in planted if where is tenant and whose in {None, reader}}
            for query in ("canary", "canray", "cánary sings", "the canary sings"):
                found = await stores.passage_search.lexical(query, "en", filters, 100)
                assert {hit.passage_id for hit in found} == may
            near = await stores.passage_search.semantic((1.0, 0.0), "one", filters, 100)
            assert {hit.passage_id for hit in near} == may


def _held(chance: Random, tenants: list[Tenant], users: list[UserId]) -> Held:
    tenant = chance.choice(tenants)
    source = a_source(chance.choice(list(SourceKind)))
    texts = [" ".join(_said(chance, 20)) for _ in range(chance.randint(1, 4))]
    owner = chance.choice([None, *users])
    standing = Standing(
        owner_id=owner,
        reader_id=chance.choice([None, owner]),
        tier=chance.choice(list(Tier)) if source.kind is SourceKind.MEMORY else None,
        at=AT + timedelta(days=chance.randint(0, 4)),
        expires_at=chance.choice([None, AT + timedelta(days=chance.randint(0, 4))]),
    )
    return Held(tenant, standing, passages(tenant.id, *texts, source=source))


def _filters(chance: Random, tenants: list[Tenant], users: list[UserId], held: list[Held]) -> Filters:
    def some(of: list[object], often: float = 0.3) -> frozenset[object]:
        return frozenset(chance.sample(of, chance.randint(1, len(of)))) if chance.random() < often else frozenset()

    return everything(
        chance.choice(tenants).id,
        reader_id=chance.choice([None, *users]),
        scopes=some([*Scope]),
        kinds=some([*SourceKind]),
        tiers=some([*Tier], 0.15),
        owner_id=chance.choice([None, None, *users]),
        since=chance.choice([None, AT + timedelta(days=chance.randint(0, 4))]),
        until=chance.choice([None, None, AT + timedelta(days=chance.randint(0, 5))]),
        at=AT + timedelta(days=chance.randint(0, 4)),
        excluding=some([each.passages[0].source.id for each in held], 0.2),
    )


def _visible(held: list[Held], filters: Filters) -> set[PassageId]:
    """What the reader may see at all, whatever else is asked for."""
    return {
        passage.id
        for each in held
        for passage in each.passages
        if each.tenant.id == filters.workspace_id and each.standing.reader_id in {None, filters.reader_id}
    }


def _said(chance: Random, most: int) -> list[str]:
    return chance.choices(_WORDS, k=chance.randint(1, most))


def _vector(chance: Random) -> tuple[float, float]:
    return chance.choice([(1.0, 0.0), (0.0, 1.0), (0.6, 0.8), (-0.8, 0.6)])


def _alike(ours: Sequence[Ranked], theirs: Sequence[Ranked], tolerance: float) -> set[PassageId]:
    """What both found: the same passages in the same order, by as much."""
    assert [each.passage_id for each in ours] == [each.passage_id for each in theirs]
    assert [each.score for each in ours] == pytest.approx([each.score for each in theirs], abs=tolerance)
    return {each.passage_id for each in ours}


async def _store(stores: Stores, held: Held, language: str) -> None:
    source: Source = held.passages[0].source
    async with stores.begin() as work:
        await work.passages.replace(held.tenant.id, source, held.passages, held.standing, language)
        work.record(held.tenant.edited(later(stores)))
        await work.commit(None)
