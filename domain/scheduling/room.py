from domain.errors import Conflict


class TooMany(Conflict):
    """The list is full."""

    code = "too_many"


MOST = 100


def check_room(present: int, things: str) -> None:
    """Nothing, when one more of the things fits into a workspace.

    Raises:
        TooMany: `MOST` are there already.
    """
    if present >= MOST:
        raise TooMany(f"A workspace can have {MOST} {things}. Remove one first.")
