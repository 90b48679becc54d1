import asyncio
import socket
import sys
from argparse import Namespace
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

from msgspec.structs import replace

from application.ports.health import Probe
from domain.errors import Unavailable
from entrypoints.cli.configuration import configured, needs_servers, running_servers, with_urls
from entrypoints.container import migration_heads, probes, running
from entrypoints.logs import configure
from entrypoints.settings import LogLevel, Settings
from entrypoints.supervisor.errors import CannotStart


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
    yield Finding("data", True, str(settings.flightdeck_home))
    yield _port(settings)
    yield _cors(settings)
    heads = migration_heads()
    one = len(heads) == 1
    branches = f"There are several heads: {', '.join(heads)}. Join them: alembic merge heads."
    yield Finding("migrations", one, f"newest {heads[0]}" if one else branches)


def _port(settings: Settings) -> Finding:
    host, port = settings.host, settings.port
    try:
        socket.create_server((host, port)).close()
    except OSError:
        return Finding("port", None, f"{port} is taken: by a running Flightdeck, or else choose another with PORT.")
    return Finding("port", True, f"{port} on {host} is free")


def _cors(settings: Settings) -> Finding:
    if not settings.cors_origins:
        return Finding("cors", None, "Only the public API may be called by pages of other sites. Set CORS_ORIGINS.")
    own = urlsplit(settings.base_url)
    mixed = [origin for origin in settings.cors_origins if own.scheme == "https" and origin.startswith("http://")]
    if mixed:
        return Finding("cors", False, f"{', '.join(mixed)}: pages without TLS should not call an API with it.")
    return Finding("cors", True, ", ".join(settings.cors_origins))


async def _servers(given: Settings) -> AsyncGenerator[Finding]:
    try:
        embedded = needs_servers(given)
    except CannotStart as error:
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
    async with running(settings) as container:
        for name, probe in probes(container.ports).items():
            yield await _probed(name, probe)
        yield Finding("model", True, container.ports.language_model().name)


async def _probed(name: str, probe: Probe) -> Finding:
    try:
        async with asyncio.timeout(5):
            return Finding(name, True, await probe.check() or "answers")
    except Unavailable as error:
        return Finding(name, False, str(error))
    except TimeoutError:
        return Finding(name, False, "It does not answer within 5 s.")
