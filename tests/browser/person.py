"""Somebody at the pages on which people sign up, in, and look after their account."""

from dataclasses import dataclass
from uuid import uuid4

from playwright.async_api import Locator, Page, expect

from tests.browser.chat import Chats
from tests.browser.letters import Inbox
from tests.http.system import System

PASSWORD = "a long enough password"


def an_email() -> str:
    return f"person-{uuid4().hex[:12]}@example.com"


@dataclass(frozen=True, slots=True)
class Person:
    """A browser of theirs, and the address they use."""

    page: Page
    base_url: str
    email: str

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name)

    def form(self, name: str) -> Locator:
        return self.page.get_by_role("form", name=name)

    def region(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def rows(self) -> Locator:
        return self.page.locator(".rows > li")

    async def go(self, path: str) -> None:
        await self.page.goto(self.base_url + path)

    async def sign_in(self, password: str = PASSWORD, code: str | None = None) -> None:
        """Fills in what the page asks for, which must be one that signs in with a password."""
        form = self.form("Sign in with a password")
        await form.get_by_label("E-mail").fill(self.email)
        await form.get_by_label("Password").fill(password)
        if code is not None:
            await form.get_by_label("Code").fill(code)
        await form.get_by_role("button").click()

    async def is_at_the_desk(self) -> None:
        """Waits until the desk is open."""
        await expect(self.heading("Conversations")).to_be_visible()


async def person_of(chats: Chats, system: System, email: str | None = None) -> Person:
    """Somebody who is not known yet."""
    return Person(await chats.page(), system.base_url, email or an_email())


async def user_of(chats: Chats, system: System, inbox: Inbox) -> Person:
    """Somebody who has just signed up by mail, and is at the desk."""
    person = await person_of(chats, system)
    await person.go("/sign-up")
    await person.field("Name").fill("Ada Newcomer")
    await person.field("E-mail").fill(person.email)
    await person.field("Password").fill(PASSWORD)
    await person.button("Sign up").click()
    await expect(person.heading("Look in your mail")).to_be_visible()
    await person.page.goto(await inbox.link(person.email))
    await person.button("Confirm").click()
    await person.is_at_the_desk()
    return person
