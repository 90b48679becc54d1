"""What the database refuses, as facts of the domain; applied where statements are run, and nowhere else."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import errors

from domain.conversations import RunInProgress, ThreadExists
from domain.errors import Conflict, DomainError, EditConflict, Fault, Invalid, NotFound, Unavailable
from domain.identity import EmailTaken
from domain.jobs import JobNotReplayable
from domain.scheduling import ActiveConnectorExists
from domain.workspaces import HandleTaken, PersonalWorkspaceExists

_BAD_HANDLE = Fault("/handle", "bad_handle", "This is no handle, or a reserved one.")

CONSTRAINTS: Mapping[str, Callable[[], DomainError]] = {
    "uq_users_email": EmailTaken,
    "uq_workspaces_handle": HandleTaken,
    "uq_workspaces_personal": PersonalWorkspaceExists,
    "uq_connectors_active": ActiveConnectorExists,
    "uq_messages_conversation_id_position": EditConflict,
    "uq_conversations_thread": ThreadExists,
    "uq_messages_turn": EditConflict,
    "uq_messages_external": EditConflict,
    "uq_runs_conversation_id_turn": EditConflict,
    "uq_runs_running": RunInProgress,
    "uq_jobs_unended": lambda: JobNotReplayable("Another job like this one waits or runs."),
    "uq_passages_workspace_id_source_position": EditConflict,
    "ck_workspaces_handle_pattern": lambda: Invalid(_BAD_HANDLE),
    "ck_workspaces_handle_length": lambda: Invalid(_BAD_HANDLE),
    "ck_workspaces_handle_reserved": lambda: Invalid(_BAD_HANDLE),
}
"""What it means that a named constraint is broken. A broken foreign key is NotFound, a broken primary key Conflict; any
other broken constraint is a `BrokenConstraint`."""


class BrokenConstraint(AssertionError):
    """Rows would break a constraint that nothing a caller does should break; it is named, and never the values."""


_LOST_RACE = (errors.DeadlockDetected, errors.SerializationFailure)
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, errors.IdleInTransactionSessionTimeout)
_UNFIT = (psycopg.DataError, UnicodeEncodeError)


@contextmanager
def translated() -> Generator[None, None, None]:
    """Raises what the block meets as what it means.

    Raises:
        DomainError: by the name of a broken constraint.
        EditConflict: it lost against another transaction.
        Invalid: a value that no column of its type can hold, such as a NUL in a text.
        Unavailable: the server does not answer in time, or no connection to it is free.
        BrokenConstraint: a mistake of ours.
    """
    # What PostgreSQL says of a broken constraint or a bad value quotes the row, which must not get into a log.
    try:
        yield
    except psycopg.IntegrityError as error:
        raise _meaning(error) from None
    except _LOST_RACE as error:
        raise EditConflict from error
    except _UNFIT:
        raise Invalid(Fault("", "bad_value", "A value cannot be stored.")) from None
    except _AWAY as error:
        raise Unavailable from error


def _meaning(error: psycopg.IntegrityError) -> Exception:
    name = error.diag.constraint_name or ""
    if make := CONSTRAINTS.get(name):
        return make()
    if isinstance(error, errors.ForeignKeyViolation):
        return NotFound()
    return Conflict() if name.startswith("pk_") else BrokenConstraint(name or type(error).__name__)
