from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from entrypoints.settings import kinds
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Servers:
    """PostgreSQL and Redis."""

    database_url: Annotated[
        str | None,
        Setting(
            effect="The PostgreSQL (with pgvector) to use; while unset Flightdeck runs its own.",
            kind=kinds.DATABASE_URL,
            secret=True,
        ),
    ]
    redis_url: Annotated[
        str | None,
        Setting(
            effect="The Redis or Valkey to use; while unset Flightdeck runs its own.",
            kind=kinds.REDIS_URL,
            secret=True,
        ),
    ]
    database_pool_size: Annotated[
        int,
        Setting(
            effect="The most database connections each process of API and worker opens.",
            kind=kinds.whole(1, 1000),
            default="10",
        ),
    ]
    database_pool_wait: Annotated[
        timedelta,
        Setting(
            effect="How long a request or a job waits for a free connection before it fails as unavailable.",
            kind=kinds.duration("1s", "1m"),
            default="2s",
        ),
    ]
    db_auto_migrate: Annotated[
        bool,
        Setting(
            effect="Whether a start brings the schema up to date; if not, run `flightdeck migrate`.",
            kind=kinds.FLAG,
            default="true",
            in_production="false",
        ),
    ]
    db_prepared_statements: Annotated[
        bool,
        Setting(
            effect="False behind a pooler such as PgBouncer, which then sets timeouts: no statement stays prepared.",
            kind=kinds.FLAG,
            default="true",
        ),
    ]
