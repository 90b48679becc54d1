"""What a visitor sees while the line or the server fails."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Request, Route, expect

from tests.browser.chat import Chat, Chats
from tests.browser.proxy import Line, line_to
from tests.http.system import System
from tests.processes import eventually, gone, up

SLOW = (sys.executable, str(Path(__file__).parents[1] / "survival" / "slow_up.py"))
SETTINGS = {"JOB_LEASE": "4s", "WORKER_GRACE": "0s", "LIMIT_PUBLIC_WRITES": "0", "LIMIT_READS": "0"}
POSTS = "**/api/v1/public/conversations/*/messages"
ASTRAL = "Half 😀 a𝄞 " * 3


@pytest.fixture
async def line(system: System) -> AsyncIterator[Line]:
    async with line_to(system.base_url) as line:
        yield line


async def test_a_line_cut_in_mid_reply_is_said_quietly_and_nothing_is_lost_or_repeated(
    chats: Chats, line: Line, system: System
) -> None:
    chat = await chats.open(line.url)
    resumed: list[str | None] = []

    def asked(request: Request) -> None:
        if "/stream" in request.url:
            resumed.append(request.headers.get("last-event-id"))

    chat.page.on("request", asked)
    held = system.model.hold(before=ASTRAL, after="reply.")
    await chat.say(held.question)
    await expect(chat.reply).to_have_text(ASTRAL.strip())
    line.cut()
    await expect(chat.status).to_have_text("Reconnecting…")
    held.go.set()
    line.mend()
    await chat.ended()
    await expect(chat.reply).to_have_text(f"{ASTRAL}reply.")
    await expect(chat.status).to_be_hidden()
    await expect(chat.notice).to_be_hidden()
    assert resumed[0] is None
    assert all(resumed[1:])


async def test_a_reply_begun_anew_is_empty_again(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url)
    start = {"message_id": "m", "run_id": "r", "attempt": 1}
    events: list[tuple[str, dict[str, Any]]] = [
        ("message_start", start),
        ("tool_call", {"id": "1", "tool": "list_services", "args": {}}),
        ("delta", {"offset": 0, "text_chunk": "Old"}),
    ]
    told = [events, [*events, ("message_start", {**start, "attempt": 2})]]

    async def tell(route: Route) -> None:
        lines = [
            f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n" for number, (name, data) in enumerate(told[0])
        ]
        await route.fulfill(content_type="text/event-stream", body="".join(lines))

    await chat.page.route("**/stream?follow=true", tell)
    await chat.say(system.model.hold().question)
    await expect(chat.reply).to_have_text("Old")
    await expect(chat.messages.last.locator(".tools")).to_have_text("Looked at the services")
    del told[0]
    await expect(chat.reply).to_be_empty()
    await expect(chat.messages.last.locator(".tools")).to_be_empty()


async def test_a_page_opened_while_the_server_cannot_be_reached_comes_by_itself(chats: Chats, line: Line) -> None:
    chat = Chat(await chats.page())
    await chat.page.route("**/api/v1/public/workspaces/*", _refused_at_first(503))
    await chat.page.goto(f"{line.url}/chat/harbour-studio")
    await expect(chat.messages.first).to_contain_text("Hello, this is Harbour Studio.")


async def test_a_message_whose_answer_was_lost_is_posted_once(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url)
    lost: list[int] = []

    async def lose(route: Route) -> None:
        if lost:
            await route.continue_()
            return
        lost.append((await route.fetch()).status)
        await route.abort()

    await chat.page.route(POSTS, lose)
    await chat.say("When are you open?")
    await expect(chat.messages.nth(1)).to_contain_text("The connection is lost. Trying again…")
    await chat.ended()
    kept = await chat.kept()
    headers = {"Authorization": f"Bearer {kept['token']}"}
    page = await system.client.get(f"/api/v1/public/conversations/{kept['id']}/messages", headers=headers)
    assert lost == [201]
    assert [message["role"] for message in page.json()["items"]] == ["visitor", "assistant"]
    await expect(chat.visitors).to_have_text(["When are you open?"])


async def test_a_message_not_yet_sent_is_sent_after_a_reload(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url)
    await chat.page.route(POSTS, lambda route: route.abort())
    await chat.say("When are you open?")
    await expect(chat.messages.nth(1)).to_contain_text("Trying again…")
    await chat.page.unroute_all()
    await chat.page.reload()
    await chat.ended()
    await expect(chat.visitors).to_have_text(["When are you open?"])


@pytest.mark.parametrize(("status", "note"), [(429, "Too many at once. Try again in a moment."), (503, "cannot be")])
async def test_a_message_refused_for_the_moment_is_tried_again(
    chats: Chats, system: System, status: int, note: str
) -> None:
    chat = await chats.open(system.base_url)
    await chat.page.route(POSTS, _refused_at_first(status))
    await chat.say("When are you open?")
    await expect(chat.messages.nth(1)).to_contain_text(note)
    await chat.ended()


async def test_a_long_wait_is_left_to_the_visitor(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url)
    await chat.page.route(POSTS, _refused_at_first(429, wait=3600))
    await chat.say("When are you open?")
    await expect(chat.messages.last).to_contain_text("Not sent. Too many at once. Try again in 60 minutes.")
    await chat.button("Try again").click()
    await chat.ended()
    await expect(chat.text).to_be_focused()


async def test_words_that_cannot_be_taken_are_given_back(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url)
    await chat.say("nul \x00 nul")
    await expect(chat.messages.last).to_contain_text("Not sent.")
    await chat.button("Edit").click()
    await expect(chat.text).to_be_focused()
    await expect(chat.visitors).to_have_count(0)


async def test_a_server_killed_in_mid_reply_and_started_again_costs_nothing(
    chats: Chats, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with up(tmp_path_factory.mktemp("killed"), SETTINGS, command=SLOW) as running:
        chat = await chats.open(running.url)
        for replies, mark in enumerate(("--sockets", "slow_worker.py"), start=1):
            await chat.say("What does a consultation cost?")
            await expect(chat.shown.locator(".message.assistant")).to_have_count(1 + replies)
            await expect(chat.reply).not_to_be_empty()
            await expect(chat.button("Stop")).to_be_visible()
            child = running.child(mark)
            child.kill()
            await asyncio.to_thread(eventually, partial(gone, child))
            await chat.ended()
        kept = await chat.kept()
        headers = {"Authorization": f"Bearer {kept['token']}"}
        path = f"{running.url}/api/v1/public/conversations/{kept['id']}/messages"
        messages = (await (await chat.page.request.get(path, headers=headers)).json())["items"]
        assert [message["role"] for message in messages] == ["visitor", "assistant"] * 2
        assert messages[1]["content"] == messages[3]["content"]
        await expect(chat.shown.locator(".bubble").nth(2)).to_have_text(messages[1]["content"])
        await expect(chat.shown.locator(".bubble").nth(4)).to_have_text(messages[1]["content"])


def _refused_at_first(status: int, wait: int = 1) -> Callable[[Route], Awaitable[None]]:
    refused: list[int] = []

    async def answer(route: Route) -> None:
        if refused:
            await route.continue_()
            return
        refused.append(status)
        headers = {"Retry-After": str(wait), "Content-Type": "application/problem+json"}
        await route.fulfill(status=status, headers=headers, body='{"code": "limited", "detail": "No."}')

    return answer
