import asyncio
import errno
import http.client
import json
import socket
import sys
from argparse import Namespace
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from importlib.metadata import version
from urllib.parse import urlsplit

from application.ports.health import Probe
from domain.errors import Unavailable
from entrypoints.cli.configuration import configured, needs_servers, running_servers, with_urls
from entrypoints.cli.embedder_findings import embedder_finding
from entrypoints.cli.file_findings import files_finding
from entrypoints.cli.findings import Finding
from entrypoints.cli.sign_in_findings import issuer_findings, modes_finding, owner_finding
from entrypoints.container import Container, migration_heads, pending, probes, running
from entrypoints.logs import configure
from entrypoints.settings import AuthMode, Environment, LogLevel, Settings, SettingsError


def run(_arguments: Namespace) -> int:
    """Says what is configured, what answers, and what to do about the rest; 1 when something is to be done."""
    settings = configured()
    configure(replace(settings, log_level=LogLevel.ERROR))
    findings = asyncio.run(_all(settings))
    for finding in findings:
        print(finding)
    return int(any(finding.well is False for finding in findings))


async def _all(settings: Settings) -> list[Finding]:
    issuers = [finding async for finding in issuer_findings(settings)]
    return [*_configuration(settings), *issuers, *[finding async for finding in _servers(settings)]]


def _configuration(settings: Settings) -> Iterator[Finding]:
    python = sys.version.split()[0]
    yield Finding("version", True, f"Flightdeck {version('flightdeck')} on Python {python}, {settings.environment}")
    home = settings.flightdeck_home.absolute()
    yield Finding("data", True, str(home) if home.exists() else f"{home}, which the first start makes")
    yield port_finding(settings.host, settings.port)
    yield cors_finding(settings)
    yield mail_finding(settings)
    yield heads_finding(migration_heads())
    yield modes_finding(settings)


def port_finding(host: str, port: int) -> Finding:
    """Whether the API could listen there, or does."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        return _closed(error, host, port)
    return Finding("port", True, f"{port} on {host} is free")


def _closed(error: OSError, host: str, port: int) -> Finding:
    if error.errno != errno.EADDRINUSE:
        return Finding("port", False, f"Cannot listen on {host}, port {port}: {error.strerror}. Set HOST or PORT.")
    if _is_flightdeck(host, port):
        return Finding("port", True, f"{port} on {host} is served by a Flightdeck")
    return Finding("port", False, f"{port} is taken by another program. Stop that one, or set PORT to another.")


def _is_flightdeck(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/", headers={"Accept": "application/json"})
        front: object = json.loads(connection.getresponse().read(10_000))
        return isinstance(front, dict) and ("name", "Flightdeck") in front.items()
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def cors_finding(settings: Settings) -> Finding:
    """Which pages may call the members' API."""
    if not settings.cors_origins:
        return Finding("cors", None, "Only the public API may be called by pages of other sites. Set CORS_ORIGINS.")
    own = urlsplit(settings.base_url)
    mixed = [origin for origin in settings.cors_origins if own.scheme == "https" and origin.startswith("http://")]
    if mixed:
        return Finding("cors", False, f"{', '.join(mixed)}: pages without TLS should not call an API with it.")
    return Finding("cors", True, ", ".join(settings.cors_origins))


def mail_finding(settings: Settings) -> Finding:
    """Whether letters leave; in production they are to, since who reads the logs would have every link."""
    if settings.smtp_host is None:
        well = False if settings.environment is Environment.PRODUCTION else None
        return Finding("mail", well, "Printed on standard error and not sent. Set SMTP_HOST and MAIL_FROM.")
    return Finding("mail", True, f"{settings.smtp_host}; 'flightdeck mail test ADDRESS' tries it")


def heads_finding(heads: tuple[str, ...]) -> Finding:
    """Whether there is one newest migration."""
    if len(heads) == 1:
        return Finding("migrations", True, f"newest {heads[0]}")
    return Finding("migrations", False, f"There are several heads: {', '.join(heads)}. Join them: alembic merge heads.")


async def _servers(given: Settings) -> AsyncGenerator[Finding]:
    try:
        embedded = needs_servers(given)
    except SettingsError as error:
        yield Finding("servers", False, str(error))
        return
    settings = given
    if embedded:
        urls = running_servers(given.flightdeck_home)
        if urls is None:
            yield Finding("servers", None, "Embedded ones, which do not run now. 'flightdeck up' starts them.")
            return
        settings = with_urls(given, urls)
    yield Finding("servers", True, "embedded, running" if embedded else "DATABASE_URL and REDIS_URL")
    for finding in await _probes(settings):
        yield finding


async def _probes(settings: Settings) -> list[Finding]:
    silence = await _silence(settings)
    # No use case is called that would seal anything.
    async with running(replace(settings, secret_key=settings.secret_key or "")) as container:
        unheard = {"database", "worker"} if silence else set[str]()
        looked_at = {name: probe for name, probe in probes(container.ports).items() if name not in unheard}
        findings = [await _probed(name, probe) for name, probe in looked_at.items()]
        models = Finding("model", True, ", then ".join(container.ports.language_models().names))
        embedder = await embedder_finding(container.ports.embedder, settings.embedder)
        answers = any(finding.subject == "database" and finding.well for finding in findings)
        stored = [finding async for finding in _stored(container, settings, database=answers)]
        return [*silence, *findings, models, embedder, *stored]


async def _stored(container: Container, settings: Settings, *, database: bool) -> AsyncGenerator[Finding]:
    """What is kept, and by whom, as far as the database can be asked."""
    if database and AuthMode.LOCAL in settings.auth_mode:
        yield await owner_finding(container.ports.accounts(), settings)
    yield await files_finding(container.ports.blob_store(), settings)


async def _silence(settings: Settings) -> list[Finding]:
    """Why the database does not answer, which its probe tells nobody, as it is open to all."""
    try:
        await asyncio.to_thread(pending, str(settings.database_url))
    except Unavailable as error:
        return [Finding("database", False, f"{error} See that DATABASE_URL is right and that its server runs.")]
    return []


async def _probed(name: str, probe: Probe) -> Finding:
    try:
        async with asyncio.timeout(5):
            return Finding(name, True, await probe.check() or "answers")
    except Unavailable as error:
        return Finding(name, False, str(error))
    except TimeoutError:
        return Finding(name, False, "It does not answer within 5 s.")
