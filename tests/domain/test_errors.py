import pytest

from domain.errors import Conflict, Invalid, Limited, Stale
from domain.versions import check_version


def test_an_error_without_words_uses_those_of_its_kind() -> None:
    assert str(Conflict()) == Conflict.detail
    assert str(Conflict("Taken.")) == "Taken."
    assert str(Invalid()) == Invalid.detail


def test_a_limit_says_when_to_try_again() -> None:
    assert Limited(retry_after=30).retry_after == 30
    assert str(Limited()) == Limited.detail


def test_a_version_that_is_expected_or_none_in_particular_passes() -> None:
    check_version(3, 3)
    check_version(3, None)


@pytest.mark.parametrize("expected", [2, 4])
def test_another_version_is_stale(expected: int) -> None:
    with pytest.raises(Stale):
        check_version(3, expected)
