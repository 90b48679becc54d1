"""The settings themselves: what each is called, does, takes and is unless it is set."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from typing_extensions import override

from application.ports.rate_limiter import Rate
from domain.models import ModelName
from domain.pricing import PriceList
from entrypoints.settings import kinds
from entrypoints.settings.kinds import Kind


class Environment(StrEnum):
    """Who depends on this instance."""

    DEV = "dev"
    TEST = "test"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """The least severity that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """For people, or for whatever collects the logs."""

    CONSOLE = "console"
    JSON = "json"


class AuthMode(StrEnum):
    """Who vouches for users."""

    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known of one variable.

    `default` is the text that counts while the variable is unset, `in_production` the one that counts there
    instead; `None` leaves the field `None`. A `secret` is never shown, neither in errors nor in a `repr`.
    """

    effect: str
    kind: Kind[Any]
    default: str | None = None
    in_production: str | None = None
    secret: bool = False

    def read(self, text: str | None, *, production: bool) -> Any:
        """The field's value; raises `ValueError` for a text that `kind` does not take."""
        unset = self.in_production if production and self.in_production is not None else self.default
        text = unset if text is None else text
        return None if text is None else self.kind.read(text)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of Flightdeck; a field is its variable in lower case. `load` makes them."""

    environment: Annotated[
        Environment,
        Setting(
            effect="What this instance is for. production demands SECRET_KEY, BASE_URL and LOG_FORMAT=json.",
            kind=kinds.choice(Environment),
            default="dev",
        ),
    ]
    log_level: Annotated[
        LogLevel, Setting(effect="The least severity that is logged.", kind=kinds.choice(LogLevel), default="info")
    ]
    log_format: Annotated[
        LogFormat,
        Setting(
            effect="How a log line looks on standard error: json is one object a line.",
            kind=kinds.choice(LogFormat),
            default="console",
            in_production="json",
        ),
    ]
    host: Annotated[
        str,
        Setting(
            effect="The address the API listens on; 0.0.0.0 is every one of this machine.",
            kind=kinds.HOST,
            default="127.0.0.1",
        ),
    ]
    port: Annotated[int, Setting(effect="The port the API listens on.", kind=kinds.whole(1, 65_535), default="8000")]
    base_url: Annotated[
        str,
        Setting(
            effect="How others reach the API: every absolute link begins with it. Follows PORT while unset.",
            kind=kinds.BASE_URL,
            default="http://localhost:8000",
        ),
    ]
    flightdeck_home: Annotated[
        Path,
        Setting(
            effect="Where the embedded servers' data, the secret key and the owner's token are kept.",
            kind=kinds.HOME,
            default=".flightdeck",
        ),
    ]
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
    cors_origins: Annotated[
        tuple[str, ...],
        Setting(
            effect="The web origins whose pages may call the members' API; the public API is open to all.",
            kind=kinds.ORIGINS,
            default="",
        ),
    ]
    trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...],
        Setting(
            effect="The proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
            kind=kinds.NETWORKS,
            default="",
        ),
    ]
    secret_key: Annotated[
        str | None,
        Setting(
            effect="Seals secrets at rest and signs. Outside production made at the first start, in FLIGHTDECK_HOME.",
            kind=kinds.SECRET_KEY,
            secret=True,
        ),
    ]
    auth_mode: Annotated[
        AuthMode, Setting(effect="Who vouches for users.", kind=kinds.choice(AuthMode), default="local")
    ]
    owner_email: Annotated[
        str,
        Setting(
            effect="The e-mail of the owner made at the first start; their workspace's handle comes from it.",
            kind=kinds.EMAIL,
            default="owner@example.com",
        ),
    ]
    limit_public_writes: Annotated[
        Rate | None,
        Setting(effect="Writes to the public API, for each address.", kind=kinds.RATE, default="120/minute"),
    ]
    limit_conversation: Annotated[
        Rate | None,
        Setting(effect="A visitor's messages, in each conversation.", kind=kinds.RATE, default="20/minute"),
    ]
    limit_reads: Annotated[
        Rate | None,
        Setting(effect="Reads, for each credential or address.", kind=kinds.RATE, default="1200/minute"),
    ]
    limit_streams: Annotated[
        int | None,
        Setting(
            effect="Event streams open at once, for each address, in each API process.",
            kind=kinds.limit(100_000),
            default="200",
        ),
    ]
    max_body_bytes: Annotated[
        int,
        Setting(
            effect="The largest request body; a larger one is answered 413. A workspace's may always have 7 MB.",
            kind=kinds.whole(1024, 104_857_600),
            default="2097152",
        ),
    ]
    worker_concurrency: Annotated[
        int, Setting(effect="Jobs each worker process runs at once.", kind=kinds.whole(1, 1000), default="10")
    ]
    job_lease: Annotated[
        timedelta,
        Setting(
            effect="How long a silent worker keeps its jobs before others run them again.",
            kind=kinds.duration("2s", "1h"),
            default="30s",
        ),
    ]
    worker_grace: Annotated[
        timedelta,
        Setting(
            effect="How long a stopping worker lets its jobs go on before it puts them back.",
            kind=kinds.duration("0s", "1h"),
            default="3s",
        ),
    ]
    worker_metrics_port: Annotated[
        int | None,
        Setting(
            effect="The port, on HOST, at which a worker tells Prometheus of its models; while unset it does not.",
            kind=kinds.whole(1, 65_535),
        ),
    ]
    openai_api_key: Annotated[
        str | None,
        Setting(
            effect="Has models of OpenAI answer, or goes to LLM_BASE_URL. Needs the extra: flightdeck[openai].",
            kind=kinds.API_KEY,
            secret=True,
        ),
    ]
    groq_api_key: Annotated[
        str | None,
        Setting(
            effect="Has models of Groq answer. Needs the extra: flightdeck[openai].", kind=kinds.API_KEY, secret=True
        ),
    ]
    anthropic_api_key: Annotated[
        str | None,
        Setting(
            effect="Has models of Anthropic answer. Needs the extra: flightdeck[anthropic].",
            kind=kinds.API_KEY,
            secret=True,
        ),
    ]
    llm_base_url: Annotated[
        str | None,
        Setting(
            effect="Another server that speaks as OpenAI's, such as Ollama or vLLM; 'openai' is then that one.",
            kind=kinds.MODEL_SERVER,
        ),
    ]
    llm_chain: Annotated[
        tuple[ModelName, ...],
        Setting(
            effect="The models, in the order in which they are asked. While unset, of anthropic, openai and groq "
            "those with a key.",
            kind=kinds.MODELS,
        ),
    ]
    text_model_name: Annotated[
        str | None,
        Setting(
            effect="The model of the vendor with a key, or of LLM_BASE_URL, while LLM_CHAIN is unset; else "
            "claude-sonnet-5, gpt-5.4-mini or llama-3.3-70b-versatile.",
            kind=kinds.MODEL,
        ),
    ]
    model_temperature: Annotated[
        float,
        Setting(
            effect="How freely models of OpenAI, Groq and LLM_BASE_URL word their answers, where they let us choose.",
            kind=kinds.decimal(0, 2),
            default="0.7",
        ),
    ]
    llm_first_token_timeout: Annotated[
        timedelta,
        Setting(
            effect="How long a model may take until its first text before the next is asked.",
            kind=kinds.duration("1s", "3m"),
            default="10s",
        ),
    ]
    llm_silence_timeout: Annotated[
        timedelta,
        Setting(
            effect="How long a model's server may send nothing in the middle of an answer.",
            kind=kinds.duration("1s", "3m"),
            default="30s",
        ),
    ]
    llm_max_tokens: Annotated[
        int,
        Setting(
            effect="The most tokens of one answer of Anthropic's models, thoughts included.",
            kind=kinds.whole(16, 1_000_000),
            default="8192",
        ),
    ]
    model_prices: Annotated[
        PriceList,
        Setting(
            effect="What a million tokens cost, read and written, by vendor:model; the cost of others stays unknown.",
            kind=kinds.PRICES,
            default="{}",
        ),
    ]
    sentry_dsn: Annotated[
        str | None,
        Setting(
            effect="The Sentry project that unhandled errors are reported to. Needs the extra: flightdeck[sentry].",
            kind=kinds.SENTRY_DSN,
            secret=True,
        ),
    ]

    @override
    def __repr__(self) -> str:
        shown = ", ".join(f"{name.lower()}={self._shown(name)}" for name in SETTINGS)
        return f"Settings({shown})"

    def _shown(self, name: str) -> str:
        value: object = getattr(self, name.lower())
        return "…" if SETTINGS[name].secret and value is not None else repr(value)


def _known() -> dict[str, Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    return {name.upper(): hints[name].__metadata__[0] for name in Settings.__struct_fields__}


SETTINGS = _known()
"""Each variable's name, in the order of the fields."""
