"""The desk as a member meets it."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.chat import Chats
from tests.http.system import Member, System


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk's page."""

    page: Page

    @property
    def notice(self) -> Locator:
        return self.page.locator("#notice")

    @property
    def inbox(self) -> Locator:
        """The conversations of the list."""
        return self.page.locator(".inbox-list a")

    @property
    def standing(self) -> Locator:
        """Who answers in the conversation that is open."""
        return self.page.locator(".conversation [role=status]")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".conversation .message")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def form(self, name: str) -> Locator:
        return self.page.get_by_role("form", name=name)

    async def go(self, name: str) -> None:
        """Opens a view by its link."""
        await self.page.get_by_role("navigation").get_by_role("link", name=name).click()
        await expect(self.page.locator("main h1").first).to_be_visible()

    async def sign_in(self, token: str, *, keep: bool = False) -> None:
        form, summary = self.form("Sign in with a token"), self.page.get_by_text("Sign in with a token", exact=True)
        await expect(summary).to_be_visible()
        if not await form.is_visible():
            await summary.click()
        await form.get_by_label("Token").fill(token)
        await form.get_by_label("Keep me signed in on this device").set_checked(keep)
        await form.get_by_role("button", name="Sign in").click()


async def desk_of(chats: Chats, system: System, member: Member, view: str = "conversations", **context: Any) -> Desk:
    """The member's desk, signed in, at this view."""
    desk = Desk(await chats.page(**context))
    await desk.page.goto(f"{system.base_url}/desk#/{view}")
    await desk.sign_in(member.token)
    await expect(desk.button("Sign out")).to_be_visible()
    await expect(desk.page.locator("main h1").first).to_be_visible()
    return desk
