import asyncio
import errno
import http.client
import json
import socket
import sys
from argparse import Namespace
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from urllib.parse import urlsplit

from application.ports.health import Probe
from domain.errors import Unavailable
from entrypoints.cli.configuration import configured, needs_servers, running_servers, with_urls
from entrypoints.container import migration_heads, pending, probes, running
from entrypoints.logs import configure
from entrypoints.settings import LogLevel, Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well (None: nobody's fault), and what was found or is to be done."""

    subject: str
    well: bool | None
    words: str

    def __str__(self) -> str:
        mark = {True: "ok  ", False: "BAD ", None: "-   "}[self.well]
        return f"{mark}{self.subject:<12}{self.words}"


def run(_arguments: Namespace) -> int:
    """Says what is configured, what answers, and what to do about the rest; 1 when something is to be done."""
    settings = configured()
    configure(replace(settings, log_level=LogLevel.ERROR))
    findings = asyncio.run(_all(settings))
    for finding in findings:
        print(finding)
    return int(any(finding.well is False for finding in findings))


async def _all(settings: Settings) -> list[Finding]:
    return [*_configuration(settings), *[finding async for finding in _servers(settings)]]


def _configuration(settings: Settings) -> Iterator[Finding]:
    python = sys.version.split()[0]
    yield Finding("version", True, f"Flightdeck {version('flightdeck')} on Python {python}, {settings.environment}")
    home = settings.flightdeck_home.absolute()
    yield Finding("data", True, str(home) if home.exists() else f"{home}, which the first start makes")
    yield port_finding(settings.host, settings.port)
    yield cors_finding(settings)
    yield heads_finding(migration_heads())


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
        return [*silence, *findings, models]


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
