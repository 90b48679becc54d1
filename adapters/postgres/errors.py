"""What the database refuses, as facts of the domain; applied where statements are run, and nowhere else."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import psycopg
from psycopg import errors
from typing_extensions import override

from domain.conversations import RunInProgress, ThreadExists
from domain.errors import Conflict, DomainError, EditConflict, Fault, Invalid, NotFound, Unavailable
from domain.identity import EmailTaken
from domain.jobs import JobNotReplayable
from domain.memories import CollectionExists, MemoryExists
from domain.scheduling import ActiveConnectorExists
from domain.workspaces import AlreadyInvited, AlreadyMember, HandleTaken, PersonalWorkspaceExists

_BAD_HANDLE = Fault("/handle", "bad_handle", "This is no handle, or a reserved one.")

CONSTRAINTS: Mapping[str, Callable[[], DomainError]] = {
    "uq_users_email": EmailTaken,
    "pk_members": AlreadyMember,
    "uq_invites_pending": AlreadyInvited,
    "uq_workspaces_handle": HandleTaken,
    "uq_workspaces_personal": PersonalWorkspaceExists,
    "uq_connectors_active": ActiveConnectorExists,
    "uq_messages_conversation_id_position": EditConflict,
    "uq_conversations_thread": ThreadExists,
    "uq_messages_turn": EditConflict,
    "uq_messages_external": EditConflict,
    "uq_runs_conversation_id_turn": EditConflict,
    "uq_runs_running": RunInProgress,
    "uq_memories_live": MemoryExists,
    "uq_collections_workspace_id_owner_id_name": CollectionExists,
    "uq_jobs_unended": lambda: JobNotReplayable("Another job like this one waits or runs."),
    "uq_passages_source_id_kind_position": EditConflict,
    "uq_documents_workspace_id_source_uri": EditConflict,
    "uq_activity_seals_workspace_id_last": EditConflict,
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


class _Translating(AbstractContextManager[None]):
    """Written out, as the generator of a `contextmanager` takes as long as binding a statement's values."""

    @override
    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        # What PostgreSQL says of a broken constraint or a bad value quotes the row, which must not get into a log.
        if isinstance(error, psycopg.IntegrityError):
            raise _meaning(error) from None
        if isinstance(error, _LOST_RACE):
            raise EditConflict from error
        if isinstance(error, _UNFIT):
            raise Invalid(Fault("", "bad_value", "A value cannot be stored.")) from None
        if isinstance(error, _AWAY):
            raise Unavailable from error


_TRANSLATING = _Translating()


def translated() -> AbstractContextManager[None]:
    """Raises what the block meets as what it means.

    Raises:
        DomainError: by the name of a broken constraint.
        EditConflict: it lost against another transaction.
        Invalid: a value that no column of its type can hold, such as a NUL in a text.
        Unavailable: the server does not answer in time, or no connection to it is free.
        BrokenConstraint: a mistake of ours.
    """
    return _TRANSLATING


def _meaning(error: psycopg.IntegrityError) -> Exception:
    name = error.diag.constraint_name or ""
    if make := CONSTRAINTS.get(name):
        return make()
    if isinstance(error, errors.ForeignKeyViolation):
        return NotFound()
    return Conflict() if name.startswith("pk_") else BrokenConstraint(name or type(error).__name__)
