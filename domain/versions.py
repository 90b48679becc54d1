from domain.errors import Stale


def check_version(stored: int, expected: int | None) -> None:
    """Nothing, when the caller expects the stored version or none in particular.

    Raises:
        Stale: the object has changed since the caller read it.
    """
    if expected is not None and stored != expected:
        raise Stale
