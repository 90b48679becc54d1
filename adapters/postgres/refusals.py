"""What the database refuses to one who looks after it, in a sentence for them; no value of a row is in it."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from adapters.postgres.versions import reason
from domain.errors import Conflict, DomainError, Unavailable


@contextmanager
def told() -> Generator[None]:
    """Raises what the server says as a sentence.

    Raises:
        Conflict: others hold what the block needs.
        Unavailable: the server does not answer, its disk is full, or it does not permit or accept the statement.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _meaning(error) from None
    except DBAPIError as error:
        raise _meaning(error.orig or error) from None


def _meaning(error: BaseException) -> DomainError:
    said = (error.diag.message_primary or "") if isinstance(error, psycopg.Error) else ""
    match error:
        case errors.LockNotAvailable():
            return Conflict("The database is in use: others hold locks in it. Stop them, and try again.")
        case errors.InsufficientPrivilege():
            return Unavailable(f"The database's user lacks a permission: {said}.")
        case errors.DiskFull():
            return Unavailable(f"The disk of the database's server is full: {said}.")
        case psycopg.OperationalError():
            return Unavailable(f"The database does not answer: {reason(error)}")
        case _:
            return Unavailable(f"The database refuses: {said or type(error).__name__}.")
