import re
from html.parser import HTMLParser
from typing import Any

import pytest
from typing_extensions import override

from entrypoints.http.account_pages import get_account_page
from tests.http.operations import OPERATIONS
from tests.http.system import System

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Links(HTMLParser):
    """Where a page leads, and what it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.loads: list[str] = []
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src"} and value:
                (self.leads if tag == "a" else self.loads).append(value)


async def test_people_are_shown_a_page_of_links_that_work(system: System) -> None:
    page = await system.client.get("/", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    links = Links(page.text)
    assert "/api/v1/docs" in links.leads
    for path in links.leads:
        assert (await system.client.get(path, headers=BROWSER)).status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
async def test_programs_are_told_the_same_as_json(system: System, accept: str) -> None:
    answer = await system.client.get("/", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["name"] == "Flightdeck"
    for name in ("docs", "openapi", "health"):
        assert (await system.client.get(answer.json()[name])).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/docs"])
async def test_a_page_loads_nothing_from_elsewhere(system: System, path: str) -> None:
    page = await system.client.get(path, headers=BROWSER)
    links = Links(page.text)
    assert not [link for link in [*links.loads, *links.leads] if re.match(r"(?i)[a-z]+:(?!,$)|//", link)]
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert "http" not in page.headers["content-security-policy"]
    for link in links.loads:
        if not link.startswith("data:"):
            assert (await system.client.get(link)).status_code == 200


async def test_the_description_names_every_operation_of_the_api(system: System) -> None:
    document: dict[str, Any] = (await system.client.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    routed = {(operation.method, operation.path) for operation in OPERATIONS}
    assert described <= routed
    api = {path for _, path in routed - described if path.startswith("/api/")}
    assert not [path for path in api if not path.startswith(("/api/v1/docs", "/api/v1/openapi"))]
    pages = {"", "chat", "desk", "profile", *(path.removeprefix("/") for path in get_account_page.paths)}
    assert {path.split("/")[1] for _, path in routed - described} <= {"api", "assets", "metrics", *pages}
