from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from typing_extensions import override

from adapters.memory.store import MemoryStore
from adapters.memory.table import Table
from application.ports.sealed_secrets import SealedSecrets
from domain.identity import Login, OneTimeToken
from domain.jobs import Job, JobStatus
from domain.scheduling import Connector
from domain.webhooks import Webhook

Renew = Callable[[bytes], bytes | None]
Row = TypeVar("Row")


class MemorySealedSecrets(SealedSecrets):
    """Fields of committed rows."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def renew(self, renewed: Renew) -> None:
        store = self._store
        _renew(store.connectors, lambda row: _connector(row, renewed))
        _renew(store.webhooks, lambda row: _webhook(row, renewed))
        _renew(store.logins, lambda row: _login(row, renewed))
        _renew(store.one_time_tokens, lambda row: _token(row, renewed))
        _renew(store.jobs, lambda row: _job(row, renewed))


def _renew(table: Table[Row], renewed: Callable[[Row], Row]) -> None:
    table.rows.update({key: renewed(row) for key, row in table.rows.items()})


def _connector(row: Connector, renewed: Renew) -> Connector:
    fresh = {name: renewed(sealed) for name, sealed in row.sealed.items()}
    return replace(row, sealed={**row.sealed, **_given(fresh)})


def _webhook(row: Webhook, renewed: Renew) -> Webhook:
    return replace(row, **_given({name: _maybe(getattr(row, name), renewed) for name in ("sealed", "retired")}))


def _login(row: Login, renewed: Renew) -> Login:
    return replace(row, **_given({"totp_secret": _maybe(row.totp_secret, renewed)}))


def _token(row: OneTimeToken, renewed: Renew) -> OneTimeToken:
    return replace(row, **_given({"sealed": _maybe(row.sealed, renewed)}))


def _job(row: Job, renewed: Renew) -> Job:
    sealed = row.payload.get("sealed")
    fresh = renewed(b64decode(sealed)) if isinstance(sealed, str) and row.status is not JobStatus.SUCCEEDED else None
    return row if fresh is None else replace(row, payload={**row.payload, "sealed": b64encode(fresh).decode()})


def _maybe(sealed: bytes | None, renewed: Renew) -> bytes | None:
    return None if sealed is None else renewed(sealed)


def _given(fresh: Mapping[str, bytes | None]) -> dict[str, Any]:
    return {name: form for name, form in fresh.items() if form is not None}
