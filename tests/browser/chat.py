"""The chat page as a visitor meets it."""

import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Frame, Locator, Page, expect

from tests.http.system import Member, System

HANDLE = "harbour-studio"
# Chromium refuses its sandbox to root, as whom containers run.
SANDBOX = os.geteuid() != 0
expect.set_options(timeout=20_000)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat page, or the frame which holds it."""

    page: Page
    frame: Frame | None = None

    @property
    def shown(self) -> Page | Frame:
        return self.frame or self.page

    @property
    def text(self) -> Locator:
        return self.shown.get_by_role("textbox", name="Your message")

    @property
    def messages(self) -> Locator:
        return self.shown.locator("#messages > li")

    @property
    def visitors(self) -> Locator:
        return self.shown.locator(".message.visitor .bubble")

    @property
    def reply(self) -> Locator:
        """The newest reply's text."""
        return self.shown.locator(".message.assistant").last.locator(".bubble")

    @property
    def notice(self) -> Locator:
        return self.shown.locator("#notice")

    @property
    def status(self) -> Locator:
        return self.shown.locator("#status")

    def button(self, name: str) -> Locator:
        return self.shown.get_by_role("button", name=name, exact=True)

    async def say(self, content: str) -> None:
        await self.text.fill(content)
        await self.text.press("Enter")

    async def ended(self) -> None:
        """Waits until no reply is being made."""
        await expect(self.shown.locator(".message.assistant").last.get_by_text("Helpful", exact=True)).to_be_visible()

    async def kept(self, handle: str = HANDLE) -> dict[str, Any]:
        """What the page keeps of its conversation."""
        kept: dict[str, Any] = await self.shown.evaluate(f"JSON.parse(localStorage['flightdeck.chat.{handle}'])")
        return kept


@dataclass(frozen=True, slots=True)
class Chats:
    """Opens chats, each in a browser profile of its own; `complaints` are errors that any of the pages told."""

    browser: Browser
    stack: AsyncExitStack
    complaints: list[str]

    async def page(self, **context: Any) -> Page:
        """A blank page."""
        return await self._page_in(await self.browser.new_context(**context))

    async def page_with_storage(self, profile: Path, executable: str) -> Page:
        """A blank page whose frames of other sites have storage of their own, which browsers may be set to deny."""
        preferences = profile / "Default" / "Preferences"
        preferences.parent.mkdir()
        preferences.write_text('{"profile": {"cookie_controls_mode": 0}}', encoding="utf-8")
        launch = self.browser.browser_type.launch_persistent_context
        return await self._page_in(await launch(profile, executable_path=executable, chromium_sandbox=SANDBOX))

    async def _page_in(self, context: BrowserContext) -> Page:
        self.stack.push_async_callback(context.close)
        page = await context.new_page()
        complaints = self.complaints

        # No methods: Playwright writes on their objects.
        def heard(message: ConsoleMessage) -> None:
            # Chromium tells of refused and failed requests, which some tests bring about.
            if message.type == "error" and not message.text.startswith("Failed to load resource"):
                complaints.append(message.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    async def open(self, base_url: str, handle: str = HANDLE, **context: Any) -> Chat:
        chat = Chat(await self.page(**context))
        await chat.page.goto(f"{base_url}/chat/{handle}")
        await expect(chat.messages.first).to_be_visible()
        return chat

    async def open_of(self, system: System, member: Member) -> Chat:
        """The chat of the member's own workspace, which has a greeting if it had none."""
        view = (await member.api.get(member.path)).json()
        if not view["assistant"]["greeting"]:
            greeting = {"assistant": {"greeting": "Welcome."}}
            (await member.api.patch(member.path, json=greeting)).raise_for_status()
        return await self.open(system.base_url, member.handle)


@asynccontextmanager
async def chats_of(browser: Browser) -> AsyncGenerator[Chats]:
    """Pages are closed with the block; then none may have complained."""
    complaints: list[str] = []
    async with AsyncExitStack() as stack:
        yield Chats(browser, stack, complaints)
    assert not complaints, complaints
