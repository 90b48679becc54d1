from dataclasses import dataclass

import pytest

from adapters.postgres.makers import Maker


@dataclass(frozen=True, kw_only=True)
class Handler:
    name: str
    since: int


@dataclass(frozen=True, kw_only=True)
class Desk:
    id: int
    handler: Handler | None


HANDLER = Maker(Handler, {"name": "handler_name", "since": "handler_since"}, optional=True)
DESK: Maker[Desk] = Maker(Desk, {"id": "id", "handler": HANDLER})
PLACES = {"handler_since": 0, "id": 1, "handler_name": 2}


def test_columns_go_where_they_belong_however_they_stand_in_the_row() -> None:
    of_row = DESK.of_rows(PLACES, {})

    assert of_row((7, 1, "Mia")) == Desk(id=1, handler=Handler(name="Mia", since=7))


def test_columns_by_name_make_the_same() -> None:
    assert DESK(id=1, handler_name="Mia", handler_since=7) == DESK.of_rows(PLACES, {})((7, 1, "Mia"))


def test_what_is_optional_is_none_where_all_its_columns_are() -> None:
    of_row = DESK.of_rows(PLACES, {})

    assert of_row((None, 1, None)) == Desk(id=1, handler=None)
    assert of_row((0, 1, None)).handler is not None


def test_columns_are_decoded_and_null_is_not() -> None:
    of_row = DESK.of_rows(PLACES, {"handler_name": str.upper, "handler_since": str})

    assert of_row((7, 1, "Mia")).handler == Handler(name="MIA", since="7")  # type: ignore[arg-type] # what decodes says
    assert of_row((None, 1, "Mia")).handler == Handler(name="MIA", since=None)  # type: ignore[arg-type] # as it was


def test_other_columns_are_refused() -> None:
    with pytest.raises(TypeError, match="other columns"):
        DESK.of_rows({**PLACES, "note": 3}, {})
    with pytest.raises(TypeError, match="other columns"):
        DESK.of_rows({"id": 0}, {})
    with pytest.raises(TypeError, match="other columns"):
        DESK(id=1, handler_name="Mia", handler_since=7, note="a")


@pytest.mark.parametrize("name", ["count(*)", "from", "end", "é"])
def test_a_column_may_have_any_name(name: str) -> None:
    def given(**columns: int) -> dict[str, int]:
        return columns

    assert Maker(given, {name: name}).of_rows({name: 0}, {})((3,)) == {name: 3}
