"""The settings of this process, and the servers they name."""

import fcntl
import os
import secrets
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from domain.models import Vendor
from entrypoints.settings import Settings, SettingsError, kinds, load
from entrypoints.settings.choices import BlobStoreKind, EmbedderKind
from entrypoints.supervisor.binaries import available
from entrypoints.supervisor.embedded import EmbeddedServers, Urls
from entrypoints.supervisor.home import secret_file

_EXTRAS = {Vendor.ANTHROPIC: "anthropic", Vendor.OPENAI: "openai", Vendor.GROQ: "openai"}
"""The extras of vendors."""
_EMBEDDERS = {EmbedderKind.OPENAI: "openai", EmbedderKind.LOCAL: "local-embedder"}
"""The extras of embedders."""
_PACKAGES = {"s3": "obstore", "local-embedder": "sentence_transformers"}
"""What is imported of an extra, where it has another name."""
ADDRESSES = "run/addresses"
NO_SERVERS = (
    "There is no PostgreSQL and no Redis to use: this platform has no embedded ones. Set DATABASE_URL "
    "(postgresql://user:password@host/database, with pgvector) and REDIS_URL (redis://host:6379/0), here or in .env."
)


def configured() -> Settings:
    """The settings from the environment and `.env`.

    Raises:
        SettingsError: naming each variable that is wrong, and each extra that is missing.
    """
    settings = load(os.environ, Path(".env"))
    check_extras(settings)
    check_ca_file(settings)
    return settings


def check_extras(settings: Settings, *, installed: Callable[[str], object] = find_spec) -> None:
    """Nothing, when the packages that models' vendors, embedders, traces and stores need are there.

    None of them is imported.

    Raises:
        SettingsError: naming each extra to install.
    """
    asked = {_EXTRAS[name.vendor]: str(name) for name in settings.llm_chain if name.vendor in _EXTRAS}
    if settings.embedder in _EMBEDDERS:
        asked.setdefault(_EMBEDDERS[settings.embedder], f"EMBEDDER={settings.embedder}")
    if settings.otel_exporter_otlp_endpoint is not None:
        asked["opentelemetry"] = "OTEL_EXPORTER_OTLP_ENDPOINT"
    if settings.blob_store is BlobStoreKind.S3:
        asked["s3"] = "BLOB_STORE=s3"
    missing = [extra for extra in asked if not installed(_PACKAGES.get(extra, extra))]
    if missing:
        raise SettingsError(*(f"{asked[extra]} needs an extra: install flightdeck[{extra}]." for extra in missing))


def check_ca_file(settings: Settings) -> None:
    """Nothing, when the certificates for the mail server can be read, or none are named.

    Raises:
        SettingsError: they cannot.
    """
    path = settings.smtp_ca_file
    if path is None:
        return
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(f"SMTP_CA_FILE takes {kinds.FILE.takes} of certificates in PEM; {path} is none.") from error


def with_secret_key(settings: Settings) -> Settings:
    """The settings with a secret key: the one given, or the one in the home, where a first start makes it.

    Raises:
        CannotStart: the home cannot be written.
    """
    if settings.secret_key is not None:
        return settings
    return replace(
        settings, secret_key=secret_file(settings.flightdeck_home / "secret-key", lambda: secrets.token_urlsafe(48))
    )


def needs_servers(settings: Settings, *, embedded: Callable[[], bool] = available) -> bool:
    """Whether Flightdeck is to run its own database and Redis; `embedded` says whether it can here.

    Raises:
        SettingsError: only one of the two addresses is set, or none and there are no embedded servers here.
    """
    given = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    missing = [name for name, url in given.items() if url is None]
    if not missing:
        return False
    if len(missing) == 1:
        present = next(name for name in given if name not in missing)
        raise SettingsError(f"{present} is set and {missing[0]} is not. Set both, or neither for the embedded servers.")
    if not embedded():
        raise SettingsError(NO_SERVERS)
    return True


@asynccontextmanager
async def with_servers(settings: Settings) -> AsyncGenerator[Settings]:
    """The settings with the addresses of servers that run: the ones given, or embedded ones.

    The embedded ones are those that another process of ours runs in the same home, or else run while the block lasts.

    Raises:
        SettingsError: as `needs_servers`.
        CannotStart: the embedded servers cannot be run.
    """
    if not needs_servers(settings):
        yield settings
        return
    urls = running_servers(settings.flightdeck_home)
    if urls is not None:
        yield with_urls(settings, urls)
        return
    async with embedded_servers(settings.flightdeck_home) as (_, urls):
        yield with_urls(settings, urls)


@asynccontextmanager
async def embedded_servers(home: Path) -> AsyncGenerator[tuple[EmbeddedServers, Urls]]:
    """Embedded servers in `home`, which other processes find there while the block lasts.

    Raises:
        CannotStart: they cannot be run.
    """
    servers = EmbeddedServers(home)
    async with servers as urls:
        addresses = home / ADDRESSES
        addresses.write_text(f"{urls.database}\n{urls.redis}\n", encoding="utf-8")
        try:
            yield servers, urls
        finally:
            addresses.unlink(missing_ok=True)


def running_servers(home: Path) -> Urls | None:
    """The embedded servers that another process runs in `home`, or None."""
    try:
        database, redis = (home / ADDRESSES).read_text(encoding="utf-8").split()
        return Urls(database=database, redis=redis) if _is_locked(home / "lock") else None
    except (OSError, ValueError):  # nobody wrote them, or was stopped while writing
        return None


def _is_locked(path: Path) -> bool:
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def with_urls(settings: Settings, urls: Urls) -> Settings:
    """The settings with these servers."""
    return replace(settings, database_url=urls.database, redis_url=urls.redis)
