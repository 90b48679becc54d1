from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit import Entry, Fault, FaultKind, Seal, Thing, absent, behind, check, seal
from domain.ids import WorkspaceId

WORKSPACE = WorkspaceId(UUID(int=7))
AT = datetime(2026, 9, 1, 12, 30, 0, 5, tzinfo=UTC)
ROWS = [
    Entry(
        workspace_id=WORKSPACE,
        number=number,
        type="service.created",
        actor_type="user",
        actor_id=UUID(int=number),
        subject_type="service",
        subject_id=UUID(int=number),
        at=f"{number}.000000",
        causation_id=None,
        data=f'{{"number": {number}}}',
    )
    for number in range(1, 11)
]
FIRST = seal(WORKSPACE, ROWS[:4], first=1, last=4, previous=None, at=AT)
SECOND = seal(WORKSPACE, ROWS[4:8], first=5, last=8, previous=FIRST, at=AT + timedelta(minutes=1))
THIRD = seal(WORKSPACE, ROWS[8:], first=9, last=10, previous=SECOND, at=AT + timedelta(minutes=2))


def told(found: Seal, rows: list[Entry], previous: Seal | None) -> list[str]:
    return [str(fault) for fault in check(found, rows, previous)]


def test_rows_as_they_were_sealed_have_no_fault() -> None:
    assert [told(FIRST, ROWS[:4], None), told(SECOND, ROWS[4:8], FIRST), told(THIRD, ROWS[8:], SECOND)] == [[], [], []]
    assert (SECOND.number, SECOND.previous) == (2, FIRST.digest)


@given(
    st.tuples(st.text(), st.none() | st.text(), st.text(), st.text()),
    st.tuples(st.text(), st.none() | st.text(), st.text(), st.text()),
)
def test_two_rows_that_differ_in_any_text_have_two_digests(
    one: tuple[str, str | None, str, str], other: tuple[str, str | None, str, str]
) -> None:
    names = ("type", "causation_id", "subject_type", "data")
    digests = [replace(ROWS[0], **dict(zip(names, texts, strict=True))).digest for texts in (one, other)]  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert (digests[0] == digests[1]) == (one == other)


def test_what_the_first_release_sealed_is_verified_for_ever() -> None:
    assert FIRST.digest.hex() == "d151a675acc2e6ad44c4892a6dd8f0a5b78317b7c35d7966e994b2e54562cad0"
    assert ROWS[0].digest.hex() == "4bea33821578bb5d00a5be63481e78092129c981b4dd5b1a8c2e114374f433b7"


@pytest.mark.parametrize("column", [field.name for field in fields(Entry)])
def test_a_row_changed_in_any_column_is_named(column: str) -> None:
    other: dict[str, Any] = {
        "workspace_id": WorkspaceId(UUID(int=8)),
        "actor_id": UUID(int=9),
        "subject_id": UUID(int=9),
    }
    if column == "number":
        rows = [*ROWS[4:7], replace(ROWS[7], number=11)]
        assert told(SECOND, rows, FIRST) == ["row 8 is missing"]
        return
    rows = [*ROWS[4:6], replace(ROWS[6], **{column: other.get(column, "other")}), ROWS[7]]
    assert told(SECOND, rows, FIRST) == ["row 7 was changed"]


def test_rows_that_are_gone_changed_or_swapped_are_named_in_runs() -> None:
    assert told(SECOND, [ROWS[4]], FIRST) == ["rows 6 to 8 are missing"]
    assert told(SECOND, [], FIRST) == ["rows 5 to 8 are missing"]
    swapped = [replace(ROWS[5], number=5), replace(ROWS[4], number=6), *ROWS[6:8]]
    assert told(SECOND, swapped, FIRST) == ["rows 5 to 6 were changed"]
    assert told(SECOND, [replace(ROWS[4], data=""), *ROWS[6:8]], FIRST) == ["row 5 was changed", "row 6 is missing"]


def test_a_row_that_was_missing_when_it_was_sealed_is_told_and_so_is_one_put_in_its_place() -> None:
    holed = seal(WORKSPACE, [ROWS[0], ROWS[2]], first=1, last=3, previous=None, at=AT)
    assert told(holed, [ROWS[0], ROWS[2]], None) == ["row 2 is missing"]
    assert told(holed, ROWS[:3], None) == ["row 2 was added"]


@pytest.mark.parametrize(
    "change",
    [
        {"digest": b"\1" * 32},
        {"previous": b"\1" * 32},
        {"sealed_at": AT},
        {"first": 6},
        {"first": 4},
        {"last": 9},
        {"last": 2**62},
        {"last": 1},
        {"marks": bytes(32)},
        {"marks": b""},
        {"workspace_id": WorkspaceId(UUID(int=8))},
    ],
    ids=str,
)
def test_a_changed_seal_is_named_and_no_other(change: dict[str, object]) -> None:
    changed = replace(SECOND, **change)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    faults = check(changed, ROWS[4:8], FIRST)
    if "marks" in change and len(changed.marks) == 32:
        assert [str(fault) for fault in faults] == ["seal 2 was changed"]
    assert {(fault.thing, fault.first) for fault in faults if fault.thing is Thing.SEAL} == {(Thing.SEAL, 2)}


def test_a_seal_made_anew_over_other_rows_is_found_by_the_one_after_it() -> None:
    forged = seal(
        WORKSPACE, [replace(ROWS[4], data="{}"), *ROWS[5:8]], first=5, last=8, previous=FIRST, at=SECOND.sealed_at
    )
    assert told(THIRD, ROWS[8:], forged) == ["seal 2 was changed"]


def test_missing_and_added_seals_are_named() -> None:
    assert told(THIRD, ROWS[8:], FIRST) == ["seal 2 is missing"]
    assert told(THIRD, ROWS[8:], None) == ["seals 1 to 2 are missing"]
    assert told(replace(FIRST, number=0), ROWS[:4], None) == ["seal 0 was added"]


def test_of_rows_without_a_seal_is_told_which_are_missing_and_which_nobody_counted() -> None:
    assert [str(fault) for fault in absent(ROWS[2:4], 1, 5)] == ["rows 1 to 2 are missing", "row 5 is missing"]
    assert [str(fault) for fault in behind([-1, 11, 12])] == ["row -1 was added", "rows 11 to 12 were added"]
    count = Fault(kind=FaultKind.CHANGED, first=10, last=10, thing=Thing.COUNT)
    assert str(count) == "the count of rows was changed: it is below 10"
