"""Whether the process lives, can serve, and works."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from litestar import Response, get
from litestar.di import NamedDependency

from application.ports.clock import Clock
from application.ports.health import Probe
from domain.errors import Unavailable
from entrypoints.http.edge.opts import ANONYMOUS, UNLIMITED

OPEN = {"permission": "anyone", ANONYMOUS: True, UNLIMITED: True}
PATIENCE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How one of the things we depend on is."""

    status: str
    latency_ms: float
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How everything is: `healthy`, `degraded` (it serves, but slower or less), or `unhealthy` (it does not)."""

    status: str
    version: str
    time: datetime
    checks: Mapping[str, Check]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether requests can be served."""

    ready: bool
    checks: Mapping[str, Check]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """The process answers."""

    status: str = "alive"


@dataclass(frozen=True, slots=True)
class Checkup:
    """Asks every probe, all at once, each for a bounded time; `needed` are those without which nothing is served."""

    probes: Mapping[str, Probe]
    version: str
    clock: Clock
    needed: frozenset[str] = frozenset({"database"})

    async def health(self) -> Health:
        """How everything is."""
        checks = await self._checks(self.probes)
        failed = {name for name, check in checks.items() if check.status != "healthy"}
        status = "unhealthy" if failed & self.needed else "degraded" if failed else "healthy"
        return Health(status=status, version=self.version, time=self.clock.now(), checks=checks)

    async def readiness(self) -> Readiness:
        """Whether requests can be served: database and Redis are asked, and the database must answer."""
        checks = await self._checks({name: self.probes[name] for name in ("database", "redis")})
        ready = all(checks[name].status == "healthy" for name in self.needed)
        return Readiness(ready=ready, checks=checks)

    async def _checks(self, probes: Mapping[str, Probe]) -> Mapping[str, Check]:
        return dict(zip(probes, await asyncio.gather(*map(_check, probes.values())), strict=True))


async def _check(probe: Probe) -> Check:
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            status, detail = "healthy", await probe.check()
    except Unavailable as error:
        status, detail = "unhealthy", str(error)
    except TimeoutError:
        status, detail = "unhealthy", f"It did not answer within {PATIENCE:g} s."
    return Check(status=status, latency_ms=round((time.perf_counter() - begun) * 1000, 2), detail=detail)


@get("/api/v1/health", opt=OPEN)
async def get_health(checkup: NamedDependency[Checkup]) -> Response[Health]:
    """How the instance and all it depends on are; 503 when it cannot serve."""
    health = await checkup.health()
    return Response(health, status_code=503 if health.status == "unhealthy" else 200)


@get("/readyz", opt=OPEN)
async def get_readyz(checkup: NamedDependency[Checkup]) -> Response[Readiness]:
    """Whether requests can be served; 503 when not."""
    readiness = await checkup.readiness()
    return Response(readiness, status_code=200 if readiness.ready else 503)


@get("/healthz", opt=OPEN)
async def get_healthz() -> Alive:
    """The process answers."""
    return Alive()


ROUTES = (get_health, get_readyz, get_healthz)
