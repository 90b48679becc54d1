"""The chat as a bubble on somebody else's page."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.chat import Chat, Chats
from tests.browser.site import site
from tests.http.system import Member, System

HTML = """<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1><button>Buy</button>
<script src="{script}" data-label="Ask us" async></script></html>"""


@asynccontextmanager
async def shop(page: Page, system: System, member: Member) -> AsyncGenerator[str]:
    """The address of a page with the member's chat on it, which allows what README says a page must."""
    script = f"{system.base_url}/chat/{member.handle}/embed.js"
    policy = f"default-src 'none'; script-src {system.base_url}; frame-src {system.base_url}"
    async with site(HTML.format(script=script), policy) as address:
        await page.goto(address)
        yield address


def framed(page: Page) -> Chat:
    return Chat(page, page.frames[-1])


async def test_the_bubble_opens_the_chat_and_escape_closes_it(chats: Chats, system: System, member: Member) -> None:
    page = await chats.page()
    async with shop(page, system, member):
        bubble = page.get_by_role("button", name="Ask us")
        await expect(bubble).to_have_attribute("aria-expanded", "false")
        assert len(page.frames) == 1
        await bubble.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog", name="Ask us")).to_be_visible()
        await expect(framed(page).text).to_be_focused()
        await page.keyboard.type("When are you open?")
        await page.keyboard.press("Enter")
        await framed(page).ended()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(bubble).to_be_focused()
        await bubble.click()
        await expect(framed(page).text).to_be_focused()
        await expect(framed(page).visitors).to_have_text(["When are you open?"])
        await framed(page).button("Close").click()
        await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_an_open_chat_is_open_on_the_next_page_with_what_was_said(
    chats: Chats, system: System, member: Member, tmp_path: Path, chromium: str
) -> None:
    page = await chats.page_with_storage(tmp_path, chromium)
    async with shop(page, system, member) as address:
        await page.get_by_role("button", name="Ask us").click()
        await framed(page).say("When are you open?")
        await framed(page).ended()
        await page.goto(f"{address}/other")
        await expect(page.get_by_role("dialog", name="Ask us")).to_be_visible()
        await expect(page.frame_locator("iframe").locator(".message.visitor .bubble")).to_have_text(
            ["When are you open?"]
        )
        assert await page.evaluate("document.activeElement === document.body")


async def test_only_the_origins_of_the_workspace_may_frame_it(chats: Chats, system: System, member: Member) -> None:
    page = await chats.page()
    async with shop(page, system, member) as address:
        await _allow(member, "https://shop.example")
        async with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            await page.get_by_role("button", name="Ask us").click()
        chats.complaints.clear()
        await _allow(member, address)
        await page.goto(address)
        await expect(page.frame_locator("iframe").get_by_role("textbox")).to_be_visible()


async def _allow(member: Member, origin: str) -> None:
    (await member.api.patch(member.path, json={"embed_origins": [origin]})).raise_for_status()


async def test_on_a_phone_the_open_chat_fills_the_page(chats: Chats, system: System, member: Member) -> None:
    page = await chats.page(viewport={"width": 320, "height": 568})
    async with shop(page, system, member):
        await page.get_by_role("button", name="Ask us").click()
        box = await page.get_by_role("dialog").bounding_box()
        assert box == {"x": 0, "y": 0, "width": 320, "height": 568}
        await framed(page).button("Close").click()
        await expect(page.get_by_role("button", name="Ask us")).to_be_focused()
