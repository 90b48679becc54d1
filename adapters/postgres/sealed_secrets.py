from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Column, ColumnElement, bindparam, func, literal_column, select, update
from typing_extensions import override

from adapters.postgres.statements import Command, Database, Statement, constant
from adapters.postgres.tables import connectors, jobs, logins, one_time_tokens, webhooks
from application.ports.sealed_secrets import SealedSecrets
from domain.jobs import JobStatus

_PAGE = 100
Renew = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class _Stored:
    key: UUID
    value: Any


class _Place:
    """A column that holds sealed forms."""

    def __init__(
        self,
        key: Column[Any],
        value: Column[Any],
        renew: Callable[[Any, Renew], Any],
        *,
        only: ColumnElement[bool] | None = None,
    ) -> None:
        rows = select(key.label("key"), value.label("value")).where(value.is_not(None))
        found = rows if only is None else rows.where(only)
        paged = found.order_by(key).limit(bindparam("most"))
        self.first = Statement(paged, _Stored)
        self.next = Statement(paged.where(key > bindparam("after")), _Stored)
        old: BindParameter[Any] = bindparam("old", type_=value.type)
        new: BindParameter[Any] = bindparam("new", type_=value.type)
        self.replace = Command(update(key.table).where(key == bindparam("key"), value == old).values({value.name: new}))
        self.renew = renew


def _bytes(value: bytes, renew: Renew) -> bytes | None:
    return renew(value)


def _each(values: Mapping[str, bytes], renew: Renew) -> Mapping[str, bytes] | None:
    fresh = {name: form for name, sealed in values.items() if (form := renew(sealed)) is not None}
    return {**values, **fresh} if fresh else None


def _payload(payload: Mapping[str, Any], renew: Renew) -> Mapping[str, Any] | None:
    form = renew(b64decode(payload["sealed"]))
    return None if form is None else {**payload, "sealed": b64encode(form).decode()}


# Answers kept for idempotency are not among them: they expire within a day.
_PLACES = (
    _Place(connectors.c.id, connectors.c.sealed, _each),
    _Place(webhooks.c.workspace_id, webhooks.c.sealed, _bytes),
    _Place(webhooks.c.workspace_id, webhooks.c.retired, _bytes),
    _Place(logins.c.user_id, logins.c.totp_secret, _bytes),
    _Place(one_time_tokens.c.id, one_time_tokens.c.sealed, _bytes),
    _Place(
        jobs.c.id,
        jobs.c.payload,
        _payload,
        only=func.jsonb_exists(jobs.c.payload, literal_column("'sealed'"))
        & (jobs.c.status != constant(JobStatus.SUCCEEDED)),
    ),
)


class PostgresSealedSecrets(SealedSecrets):
    """Columns, read in pieces and replaced one by one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def renew(self, renewed: Renew) -> None:
        for place in _PLACES:
            await self._renew(place, renewed)

    async def _renew(self, place: _Place, renewed: Renew) -> None:
        page = await self._database.all(place.first, most=_PAGE)
        while page:
            for row in page:
                fresh = place.renew(row.value, renewed)
                if fresh is not None:
                    await self._database.run(place.replace, key=row.key, old=row.value, new=fresh)
            page = await self._database.all(place.next, after=page[-1].key, most=_PAGE)
