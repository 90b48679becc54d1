"""The modules that pages share, as a browser runs them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from entrypoints.http.assets import RELEASE
from tests.http.system import System

SHARED = f"/assets/{RELEASE}/shared"


@pytest.fixture
async def page(browser: Browser, system: System) -> AsyncIterator[Page]:
    """A page of ours, which may import our modules."""
    page = await browser.new_page()
    await page.goto(f"{system.base_url}/chat/harbour-studio")
    yield page
    await page.close()


async def grown(page: Page, *deltas: tuple[int, str]) -> str:
    text: str = await page.evaluate(
        """async ([module, deltas]) => {
          const text = new (await import(module)).GrowingText();
          for (const [offset, chunk] of deltas) text.splice(offset, chunk);
          return text.value;
        }""",
        [f"{SHARED}/growing_text.js", deltas],
    )
    return text


@pytest.mark.parametrize(
    "deltas",
    [
        [(0, "one "), (4, "two")],
        [(0, "😀a😀b"), (2, "😀c")],
        [(0, "😀😀😀"), (2, ""), (2, "!"), (0, "𝄞"), (1, "é")],
        [(0, "e\u0301👨\u200d👩\u200d👧"), (3, ""), (3, "x")],
        [(0, "gone"), (0, ""), (0, "anew")],
    ],
)
async def test_offsets_count_code_points(page: Page, deltas: list[tuple[int, str]]) -> None:
    expected = ""
    for offset, chunk in deltas:
        expected = expected[:offset] + chunk
    assert await grown(page, *deltas) == expected


async def test_a_delta_behind_the_end_is_refused_as_something_was_lost(page: Page) -> None:
    with pytest.raises(Exception, match="a delta at 2, and only 1 code points"):
        await grown(page, (0, "😀"), (2, "x"))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
async def test_events_are_read_however_the_network_cuts_them(page: Page, size: int) -> None:
    stream = (
        '\ufeffretry: 1000\n\n: ping\n\nid: 1\nevent: delta\ndata: {"a":\ndata: "😀"}\n\n'
        "event:end\r\ndata:x\r\nunknown: y\r\n\r\nid: 2\rdata\r\rid: 3\n\ndata: never ended"
    )
    told: list[dict[str, Any]] = await page.evaluate(
        """async ([module, text, size]) => {
          const { serverEvents } = await import(module);
          const bytes = new TextEncoder().encode(text);
          const body = new ReadableStream({
            start(controller) {
              for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
              controller.close();
            },
          });
          const events = [];
          for await (const event of serverEvents(body, () => {})) events.push(event);
          return events;
        }""",
        [f"{SHARED}/server_events.js", stream, size],
    )
    assert told == [
        {"id": "1", "name": "delta", "data": '{"a":\n"😀"}'},
        {"id": None, "name": "end", "data": "x"},
        {"id": "2", "name": "message", "data": ""},
    ]
