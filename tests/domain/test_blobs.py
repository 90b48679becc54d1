import pytest

from domain.blobs import Quota, QuotaExceeded, too_large


@pytest.mark.parametrize(("used", "size"), [(0, 0), (0, 100), (60, 40), (100, 0)])
def test_what_fits_a_quota_is_taken(used: int, size: int) -> None:
    Quota(100).check(used, size)


@pytest.mark.parametrize(("used", "size"), [(0, 101), (61, 40), (100, 1), (200, 0)])
def test_what_does_not_fit_a_quota_is_refused(used: int, size: int) -> None:
    with pytest.raises(QuotaExceeded):
        Quota(100).check(used, size)


def test_no_quota_has_room_for_all() -> None:
    Quota().check(10**15, 10**15)


@pytest.mark.parametrize(("most", "shown"), [(500, "500 bytes"), (20 * 1024**2, "20 MB")])
def test_too_large_says_how_large_it_may_be(most: int, shown: str) -> None:
    assert str(too_large(most)) == f"The file may have at most {shown}."
