"""The pages for those who sign in: what they load, and how they are shut off."""

import re

import httpx
import pytest

from entrypoints.http.assets import ASSETS
from tests.http.system import System
from tests.http.test_front_page import Links

IMPORT = re.compile(r'from "(\.[^"]+)"')
ACCOUNT = ["/sign-in", "/sign-up", "/forgot-password", "/reset-password", "/verify-email", "/accept-invite"]


@pytest.mark.parametrize("path", ["/desk", "/profile", *ACCOUNT])
async def test_a_page_runs_our_files_alone_and_nobody_frames_it(system: System, path: str) -> None:
    page = await system.client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers
    loaded = [link for link in Links(page.text).loads if not link.startswith("data:")]
    assert len(loaded) > 3
    for link in loaded:
        assert (await system.client.get(link)).status_code == 200


@pytest.mark.parametrize(("path", "folder"), [("/desk", "desk"), ("/profile", "profile"), ("/sign-in", "account")])
async def test_every_module_of_a_page_imports_what_there_is(system: System, path: str, folder: str) -> None:
    (main,) = [link for link in Links((await system.client.get(path)).text).loads if link.endswith("/main.js")]
    waiting, seen = [httpx.URL(main)], set[str]()
    while waiting:
        module = waiting.pop()
        if module.path not in seen:
            seen.add(module.path)
            answer = await system.client.get(module.path)
            assert answer.status_code == 200, module.path
            waiting += [module.join(name) for name in IMPORT.findall(answer.text)]
    names = {name.removeprefix(f"{folder}/") for name in ASSETS if re.fullmatch(rf"{folder}/\w+\.js", name)}
    assert {path.rsplit("/", 1)[-1] for path in seen if f"/{folder}/" in path} == names


async def test_pages_say_how_people_sign_in_here(system: System) -> None:
    for path in ("/desk", "/profile", "/sign-in"):
        page = await system.client.get(path)
        assert 'data-password="true" data-sign-up="open"' in page.text
