"""How soon it is there: the import of what serves, and everything from the command to the first answer."""

import asyncio
import re
import sys
import time

from tests.benchmarks.stage import READY_SECONDS, Failed, Stage
from tests.benchmarks.table import Aim, Row
from tests.processes import FLIGHTDECK, environment, free_port

NOTE = (
    "compiled modules in warm files; what other packages import where it is installed (rich, werkzeug, opentelemetry) "
    "is in it.\nImported as `flightdeck serve` does it, without the collector of cycles. The floor of the import is "
    "what a bare\napplication of this kind imports; that of `up` is one bare application, from the command to its "
    "first answer, with\nits servers running already."
)
_OURS = "from entrypoints.cli.main import command; command('serve')"
_BARE = "import litestar, msgspec, psycopg, psycopg_pool, redis.asyncio, uvicorn, uvloop"
_READY = re.compile(r"ready in ([\d.]+) s")


async def measure(stage: Stage) -> list[Row]:
    """The rows of this group."""
    ours: list[float] = []
    bare: list[float] = []
    ups: list[float] = []
    floors: list[float] = []
    scale = stage.scale
    for number in range(scale.starts + scale.warm_ups):
        figures = await _import(stage, _OURS), await _import(stage, _BARE), await _up(stage), await _floor(stage)
        if number >= scale.warm_ups:
            for found, figure in zip((ours, bare, ups, floors), figures, strict=True):
                found.append(figure)
    return [
        Row(name="import of what serves", unit="s", ours=ours, floor=bare, aim=Aim(0.7, most=True)),
        Row(name="`flightdeck up`, warm, until ready", unit="s", ours=ups, floor=floors, aim=Aim(2.0, most=True)),
    ]


async def _import(stage: Stage, statement: str) -> float:
    timed = f"import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        timed,
        stdout=asyncio.subprocess.PIPE,
        env=stage.environment(**stage.compiled),
        cwd=stage.folder,
    )
    out, _ = await process.communicate()
    return float(out)


async def _up(stage: Stage) -> float:
    """Seconds from the start of the process to its own word that it is ready, in a home that was used before."""
    home = stage.folder / "up"
    command = (sys.executable, "-P", *FLIGHTDECK[1:], "up")
    began = time.monotonic()
    env = environment(home, PORT=str(free_port()), **stage.compiled)
    async with stage.process("up", command, env=env) as child:
        while not _READY.search(stage.said("up").read_text(encoding="utf-8")):
            if child.ended or time.monotonic() - began > READY_SECONDS:
                raise Failed(stage.said("up").read_text(encoding="utf-8"))
            await asyncio.sleep(0.005)
        return time.monotonic() - began


async def _floor(stage: Stage) -> float:
    began = time.monotonic()
    async with stage.floor():
        return time.monotonic() - began
