import pytest

from application.persistently import TRIES, persistently
from domain.errors import EditConflict, NotFound


class Losing:
    """Loses so many times, then does it."""

    def __init__(self, times: int, error: type[Exception] = EditConflict) -> None:
        self.left = times
        self.error = error
        self.tried = 0

    async def __call__(self) -> None:
        self.tried += 1
        self.left -= 1
        if self.left >= 0:
            raise self.error


@pytest.mark.parametrize("times", range(TRIES))
async def test_what_loses_is_tried_again(times: int) -> None:
    act = Losing(times)
    await persistently(act)
    assert act.tried == times + 1


async def test_what_always_loses_is_given_up() -> None:
    act = Losing(TRIES)
    with pytest.raises(EditConflict):
        await persistently(act)
    assert act.tried == TRIES


async def test_any_other_error_is_not_tried_again() -> None:
    act = Losing(1, NotFound)
    with pytest.raises(NotFound):
        await persistently(act)
    assert act.tried == 1
