"""axe-core, which finds what people cannot reach or read."""

import subprocess
import time
from pathlib import Path
from typing import Any

from playwright.async_api import Frame, Page

AXE = "axe-core@4.14.1"
_TRIES = 3  # as the registry does not answer each time
_PAUSE = 2.0  # seconds


def axe_source(npm: str, folder: Path) -> str:
    """The source of axe-core, from npm's registry."""
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", AXE]
    for more in reversed(range(_TRIES)):
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=90)  # noqa: S603 (a command of ours)
            break
        except subprocess.SubprocessError:
            if not more:
                raise
            time.sleep(_PAUSE)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def violations(shown: Page | Frame, axe: str) -> list[str]:
    """What axe finds serious, each with where."""
    await shown.evaluate(axe)
    found: dict[str, Any] = await shown.evaluate("axe.run({resultTypes: ['violations']})")
    assert len(found["passes"]) > 10
    return [
        f"{violation['id']}: {[node['html'] for node in violation['nodes']]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
