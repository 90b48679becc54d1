from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import Actor, ActorType
from domain.errors import Invalid
from domain.ids import MemoryId, UserId, WorkspaceId
from domain.memories import (
    Collection,
    CollectionCreated,
    CollectionFields,
    CollectionFull,
    CollectionKind,
    TooManyCollections,
    check_collections,
)
from domain.memories.collections import MOST_COLLECTIONS, MOST_MEMORIES

AT = datetime(2026, 11, 21, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)
HERE, ADA = WorkspaceId(UUID(int=1)), UserId(UUID(int=2))
A, B, C = (MemoryId(UUID(int=number)) for number in (10, 11, 12))
TEA = Collection.created(HERE, ADA, {"name": "  Tea  ", "kind": CollectionKind.PREFERENCES}, AT)


def holding(*ids: MemoryId) -> Collection:
    return replace(TEA, memory_ids=ids)


def test_a_new_collection_holds_nothing() -> None:
    assert (TEA.name, TEA.kind, TEA.description, TEA.memory_ids, TEA.version) == (
        "Tea",
        CollectionKind.PREFERENCES,
        "",
        (),
        1,
    )
    assert Collection.created(HERE, ADA, {"name": "Notes"}, AT).kind is CollectionKind.FREE


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "n" * 201}, "/name"),
        ({"name": "a\x00b"}, "/name"),
        ({"name": "a", "description": "d" * 2_001}, "/description"),
    ],
    ids=["no name", "blank name", "long name", "NUL", "long description"],
)
def test_a_field_that_cannot_be_taken_is_named(fields: CollectionFields, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        Collection.created(HERE, ADA, fields, AT)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_fields_that_are_sent_are_edited() -> None:
    edited = TEA.edited({"name": "Green tea", "description": " Leaves. ", "kind": CollectionKind.FREE}, LATER)
    assert edited == replace(TEA, name="Green tea", description="Leaves.", kind=CollectionKind.FREE, updated_at=LATER)
    assert edited.edited({"description": None}, LATER).description == ""
    assert TEA.edited({"name": "Tea"}, LATER) == TEA
    assert TEA.edited({}, LATER) == TEA


def test_a_memory_is_put_at_the_end_once() -> None:
    both = holding(A).holding(B, LATER)
    assert both == replace(TEA, memory_ids=(A, B), updated_at=LATER)
    assert both.holding(A, LATER + timedelta(1)) == both


def test_a_full_collection_takes_no_more_but_keeps_what_it_has() -> None:
    *held, another = (MemoryId(UUID(int=number)) for number in range(MOST_MEMORIES + 1))
    full = holding(*held)
    with pytest.raises(CollectionFull):
        full.holding(another, LATER)
    assert full.holding(held[7], LATER) == full
    assert full.without(held[7], LATER).holding(another, LATER).memory_ids[-1] == another


def test_a_memory_is_taken_out_and_the_rest_keep_their_order() -> None:
    left = holding(C, A, B).without(A, LATER)
    assert left == replace(TEA, memory_ids=(C, B), updated_at=LATER)
    assert left.without(A, LATER + timedelta(1)) == left


def test_memories_are_put_in_another_order() -> None:
    assert holding(A, B, C).ordered([C, A, B], LATER) == replace(TEA, memory_ids=(C, A, B), updated_at=LATER)
    assert holding(A, B).ordered([A, B], LATER) == holding(A, B)
    assert TEA.ordered([], LATER) == TEA


@pytest.mark.parametrize("ids", [[], [A], [A, A], [A, B, C], [A, C]], ids=["none", "few", "twice", "many", "others"])
def test_an_order_of_others_is_refused(ids: list[MemoryId]) -> None:
    with pytest.raises(Invalid) as refused:
        holding(A, B).ordered(ids, LATER)
    assert [fault.pointer for fault in refused.value.faults] == ["/ids"]


@given(st.lists(st.tuples(st.sampled_from(["put", "take", "sort"]), st.sampled_from([A, B, C]))))
def test_a_memory_is_never_in_a_collection_twice(changes: list[tuple[str, MemoryId]]) -> None:
    collection, held = TEA, set[MemoryId]()
    for what, memory_id in changes:
        if what == "put":
            collection, held = collection.holding(memory_id, LATER), held | {memory_id}
        elif what == "take":
            collection, held = collection.without(memory_id, LATER), held - {memory_id}
        else:
            collection = collection.ordered(sorted(held), LATER)
        assert sorted(collection.memory_ids) == sorted(held)


def test_one_may_have_so_many_collections_and_no_more() -> None:
    check_collections(MOST_COLLECTIONS - 1)
    with pytest.raises(TooManyCollections):
        check_collections(MOST_COLLECTIONS)


def test_nobody_but_the_owner_is_told_of_a_collection_and_nobody_what_it_is_called() -> None:
    event = CollectionCreated.of(TEA, by=Actor(ActorType.USER, ADA, "Ada"), at=AT)
    assert event.told_to == ADA
    assert "Tea" not in str(event.data)
