"""Whether the process lives, can serve, and works."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from application.ports.clock import Clock
from application.ports.health import Probe
from domain.errors import Unavailable
from entrypoints.http.edge.opts import ANONYMOUS, UNLIMITED

OPEN = {"permission": "anyone", ANONYMOUS: True, UNLIMITED: True}
NEEDED = frozenset({"database"})
"""Without these nothing is served."""
PATIENCE = 3.0
FRESH = 1.0  # seconds: anyone may ask, as often as they like, and must not wear out what is asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How one of the things we depend on is, or was up to a second ago; `latency_ms` is how long that look took."""

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


class Checkup:
    """Asks every probe, all at once, each for a bounded time, and at most once a second however many want to know."""

    def __init__(
        self, probes: Mapping[str, Probe], version: str, clock: Clock, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._looks = {name: _Look(probe, now) for name, probe in probes.items()}
        self._version = version
        self._clock = clock

    async def health(self) -> Health:
        """How everything is."""
        checks = await self._checks(*self._looks)
        failed = {name for name, check in checks.items() if check.status != "healthy"}
        status = "unhealthy" if failed & NEEDED else "degraded" if failed else "healthy"
        return Health(status=status, version=self._version, time=self._clock.now(), checks=checks)

    async def readiness(self) -> Readiness:
        """Whether requests can be served: database and Redis are asked, and the database must answer."""
        checks = await self._checks("database", "redis")
        ready = all(checks[name].status == "healthy" for name in NEEDED)
        return Readiness(ready=ready, checks=checks)

    async def _checks(self, *names: str) -> Mapping[str, Check]:
        checks = await asyncio.gather(*(self._looks[name]() for name in names))
        return dict(zip(names, checks, strict=True))


class _Look:
    """A probe that is asked once for all who want to know at the same time, or within `FRESH` after."""

    def __init__(self, probe: Probe, now: Callable[[], float]) -> None:
        self._probe = probe
        self._now = now
        self._asking: asyncio.Task[Check] | None = None
        self._until = -math.inf

    async def __call__(self) -> Check:
        if self._asking is None or (self._asking.done() and self._now() >= self._until):
            self._asking = asyncio.create_task(self._ask())
        # Whoever goes away meanwhile leaves the others their answer.
        return await asyncio.shield(self._asking)

    async def _ask(self) -> Check:
        check = await _check(self._probe)
        self._until = self._now() + FRESH
        return check


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


@get(
    "/api/v1/health",
    opt=OPEN,
    responses={503: ResponseSpec(Health, generate_examples=False, description="It cannot serve.")},
)
async def get_health(checkup: NamedDependency[Checkup]) -> Response[Health]:
    """How the instance and all it depends on are; 503 when it cannot serve."""
    health = await checkup.health()
    return Response(health, status_code=503 if health.status == "unhealthy" else 200)


@get("/readyz", opt=OPEN, responses={503: ResponseSpec(Readiness, generate_examples=False, description="Not now.")})
async def get_readyz(checkup: NamedDependency[Checkup]) -> Response[Readiness]:
    """Whether requests can be served; 503 when not."""
    readiness = await checkup.readiness()
    return Response(readiness, status_code=200 if readiness.ready else 503)


@get("/healthz", opt=OPEN)
async def get_healthz() -> Alive:
    """The process answers."""
    return Alive()


ROUTES = (get_health, get_readyz, get_healthz)
