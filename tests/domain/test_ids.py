from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import new_id

AT = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7_with_its_milliseconds_first() -> None:
    identifier = new_id(AT)
    assert identifier.version == 7
    assert identifier.variant == "specified in RFC 4122"
    assert identifier.int >> 80 == int(AT.timestamp() * 1000)


@given(st.integers(1, 10**9))
def test_later_ids_are_greater(milliseconds: int) -> None:
    assert new_id(AT) < new_id(AT + timedelta(milliseconds=milliseconds))


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id(AT) for _ in range(1_000)}) == 1_000
