import re

import httpx

from entrypoints.http.assets import ASSETS
from tests.http.system import System
from tests.http.test_front_page import Links

IMPORT = re.compile(r'from "(\.[^"]+)"')


async def test_the_desk_runs_our_files_alone_and_nobody_frames_it(system: System) -> None:
    page = await system.client.get("/desk")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    loaded = [link for link in Links(page.text).loads if not link.startswith("data:")]
    assert len(loaded) == 4
    for link in loaded:
        assert (await system.client.get(link)).status_code == 200


async def test_every_module_of_the_desk_imports_what_there_is(system: System) -> None:
    (main,) = [link for link in Links((await system.client.get("/desk")).text).loads if link.endswith(".js")]
    waiting, seen = [httpx.URL(main)], set[str]()
    while waiting:
        module = waiting.pop()
        if module.path not in seen:
            seen.add(module.path)
            answer = await system.client.get(module.path)
            assert answer.status_code == 200, module.path
            waiting += [module.join(name) for name in IMPORT.findall(answer.text)]
    names = {name.removeprefix("desk/") for name in ASSETS if re.fullmatch(r"desk/\w+\.js", name)}
    assert {path.rsplit("/", 1)[-1] for path in seen if "/desk/" in path} == names
