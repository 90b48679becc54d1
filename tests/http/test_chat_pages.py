"""The chat page, its script for other pages, and what they load."""

from html.parser import HTMLParser

import httpx
import pytest
from typing_extensions import override

from entrypoints.http.assets import ASSETS, RELEASE
from entrypoints.supervisor.embedded import Urls
from tests.http.system import Member, System, problem, settings_for, started


class Loads(HTMLParser):
    """What a page loads, and what it must not have in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [value for name in ("src", "href") if (value := given.get(name))]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []


def policy(answer: httpx.Response) -> dict[str, str]:
    parts = answer.headers["content-security-policy"].split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


async def test_the_page_loads_only_what_is_ours_and_runs_nothing_inline(system: System) -> None:
    page = await system.client.get("/chat/harbour-studio")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    loads = Loads(page.text)
    assert loads.inline == []
    for address in loads.addresses:
        assert address.startswith((f"/assets/{RELEASE}/", "data:,"))
        if address != "data:,":
            assert (await system.client.get(address)).status_code == 200
    assert policy(page)["default-src"] == "'none'"
    assert {policy(page)[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


async def test_any_site_may_frame_it_until_the_workspace_names_some(system: System, member: Member) -> None:
    path = f"/chat/{member.handle}"
    page = await system.client.get(path)
    assert policy(page)["frame-ancestors"] == "*"
    assert "x-frame-options" not in page.headers
    origins = {"embed_origins": ["https://one.example", "http://localhost:3000"]}
    (await member.api.patch(member.path, json=origins)).raise_for_status()
    page = await system.client.get(path)
    assert policy(page)["frame-ancestors"] == "'self' https://one.example http://localhost:3000"


@pytest.mark.parametrize("path", ["/", "/chat/nobody-here", "/chat", "/api/v1/docs", "/api/v1/health", "/nothing"])
async def test_nobody_frames_any_other_page(system: System, path: str) -> None:
    page = await system.client.get(path, headers={"Accept": "text/html"})
    assert policy(page)["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("handle", ["nobody-here", "A B", "%00", "%F0%9F%98%80", "x" * 500])
async def test_a_person_is_told_kindly_that_there_is_no_chat(system: System, handle: str) -> None:
    page = await system.client.get(f"/chat/{handle}")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no chat here" in page.text
    problem(await system.client.get(f"/chat/{handle}/embed.js"), 404, "not_found")


async def test_an_inactive_workspace_has_no_chat(system: System, member: Member) -> None:
    (await member.api.patch(member.path, json={"active": False})).raise_for_status()
    for path in (f"/chat/{member.handle}", f"/chat/{member.handle}/embed.js"):
        assert (await system.client.get(path)).status_code == 404


async def test_what_a_workspace_says_of_itself_is_text_alone(system: System, member: Member) -> None:
    name = "<script>1</script> & {language} \"'"
    (await member.api.patch(member.path, json={"public_name": name, "language": "pt-BR"})).raise_for_status()
    page = await system.client.get(f"/chat/{member.handle}")
    assert "<title>&lt;script&gt;1&lt;/script&gt; &amp; {language} &quot;&#x27;</title>" in page.text
    assert 'data-language="pt-BR"' in page.text


async def test_a_visitor_who_asks_too_often_is_told_so_on_a_page(
    database_url: str, servers: Urls, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = settings_for(database_url, servers.redis, tmp_path_factory.mktemp("home"), LIMIT_READS="1/minute")
    async with started(settings, worker=False) as limited:
        assert (await limited.client.get("/chat/harbour-studio")).status_code == 200
        page = await limited.client.get("/chat/harbour-studio")
        assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
        assert int(page.headers["retry-after"]) > 0
        assert "One moment, please" in page.text


async def test_the_script_may_be_loaded_by_any_page_and_is_asked_for_anew_by_its_etag(system: System) -> None:
    path = "/chat/harbour-studio/embed.js"
    script = await system.client.get(path)
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cache-control"] == "public, max-age=300"
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    again = await system.client.get(path, headers={"If-None-Match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ASSETS)
async def test_an_asset_is_kept_for_ever_as_its_address_changes_with_it(system: System, name: str) -> None:
    asset = await system.client.get(f"/assets/{RELEASE}/{name}")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].split(";")[0] in {"text/css", "text/javascript"}
    assert asset.headers["x-content-type-options"] == "nosniff"
    older = await system.client.get(f"/assets/0/{name}")
    assert (older.status_code, older.headers["cache-control"], older.text) == (200, "no-store", asset.text)


@pytest.mark.parametrize("name", ["", "nothing.js", "../chat.html", "..%2fchat.html", "chat", "__init__.py"])
async def test_nothing_but_the_assets_is_served(system: System, name: str) -> None:
    assert (await system.client.get(f"/assets/{RELEASE}/{name}")).status_code == 404
