"""The account's pages without a mouse, without sight, on a small screen."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.chat import Chats
from tests.browser.letters import Inbox
from tests.browser.person import PASSWORD, Person, an_email, person_of, user_of
from tests.http.system import Member, System

SMALL = {"width": 320, "height": 568}
WIDTH = "document.documentElement.scrollWidth"
PATHS = ("/sign-in", "/sign-up", "/forgot-password", "/reset-password#token=x", "/verify-email#token=x")


async def shown(person: Person, invite: str) -> AsyncIterator[str]:
    """The pages that somebody unknown is shown, one after the other, with their faults."""
    for path in PATHS:
        await person.go(path)
        await expect(person.page.locator("main h1")).to_be_visible()
        yield path
        await person.page.locator("main form button.main").first.click()
        await expect(person.page.locator(".error:not(:empty), h1:has-text('any more')").first).to_be_visible()
        yield f"{path} refused"
    await person.page.goto(invite)
    await expect(person.page.locator("main form")).to_be_visible()
    yield "an invite"
    await person.go("/accept-invite#token=x")
    await expect(person.heading("This link does not work any more")).to_be_visible()
    yield "an invite that is over"


async def invited(system: System, inbox: Inbox, member: Member) -> str:
    """The link of an invite to somebody new."""
    await system.sql(
        "update workspaces set name = %s where id = %s", "Donaudampfschifffahrtsgesellschaft" * 2, member.workspace_id
    )
    email = an_email()
    (await member.api.post(f"{member.path}/invites", json={"email": email, "role": "viewer"})).raise_for_status()
    return await inbox.link(email)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    chats: Chats, system: System, inbox: Inbox, member: Member, axe: str, scheme: str
) -> None:
    invite = await invited(system, inbox, member)
    person = Person(await chats.page(color_scheme=scheme, reduced_motion="reduce"), system.base_url, an_email())
    async for page in shown(person, invite):
        assert await violations(person.page, axe) == [], page


async def test_axe_finds_nothing_serious_behind_the_sign_in(
    chats: Chats, system: System, inbox: Inbox, axe: str
) -> None:
    person = await user_of(chats, system, inbox)
    await person.page.emulate_media(reduced_motion="reduce")
    await person.link("Profile").click()
    await expect(person.region("Where you are signed in").get_by_role("listitem")).to_have_count(1)
    await person.field("Only in my working hours").check()
    await person.button("Set up or change").click()
    await expect(person.form("Confirm the second factor")).to_be_visible()
    await person.button("Change the password").click()
    await expect(person.field("Present password")).to_have_attribute("aria-invalid", "true")
    assert await violations(person.page, axe) == []
    await person.button("Delete your account…").click()
    assert await violations(person.page, axe) == []
    await person.go("/desk#/keys")
    await person.button("Make a key").click()
    assert await violations(person.page, axe) == []


async def test_a_phone_never_scrolls_sideways(chats: Chats, system: System, inbox: Inbox, member: Member) -> None:
    invite = await invited(system, inbox, member)
    person = Person(await chats.page(viewport=SMALL), system.base_url, an_email())
    async for page in shown(person, invite):
        assert await person.page.evaluate(WIDTH) == 320, page
    user = await user_of(chats, system, inbox)
    await user.page.set_viewport_size({"width": 320, "height": 568})
    await user.link("Profile").click()
    await user.button("Set up or change").click()
    await expect(user.form("Confirm the second factor")).to_be_visible()
    assert await user.page.evaluate(WIDTH) == 320
    await user.go("/desk#/keys")
    await user.button("Make a key").click()
    assert await user.page.evaluate(WIDTH) == 320


async def test_the_whole_way_is_open_to_the_keyboard(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await person_of(chats, system)
    press, write = person.page.keyboard.press, person.page.keyboard.type
    await person.go("/sign-up")
    await expect(person.field("Name")).to_be_focused()
    for words in ("Kim Keys", person.email, PASSWORD):
        await write(words)
        await press("Tab")
    await press("Enter")
    await expect(person.heading("Look in your mail")).to_be_focused()
    await person.page.goto(await inbox.link(person.email))
    await expect(person.button("Confirm")).to_be_focused()
    await press("Enter")
    await person.is_at_the_desk()
    await _tab_to(person, "Members")
    await press("Enter")
    await expect(person.field("E-mail")).to_be_visible()
    colleague = an_email()
    await _tab_to(person, "E-mail")
    await write(colleague)
    await press("Enter")
    await expect(person.button(f"Take back: {colleague}")).to_be_visible()
    await _tab_to(person, "Take back")
    await press("Enter")
    await expect(person.dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await press("Tab")
    await press("Enter")
    await expect(person.page.get_by_text("Nobody is invited at the moment.")).to_be_visible()
    await _tab_to(person, "Profile")
    await press("Enter")
    await expect(person.heading("Profile")).to_be_visible()
    await _tab_to(person, "Look")
    await press("ArrowDown")
    await press("Enter")
    await _tab_to(person, "Sign out")
    await press("Enter")
    await expect(person.field("E-mail")).to_be_focused()
    await write(person.email)
    await press("Tab")
    await write(PASSWORD)
    await press("Enter")
    await expect(person.heading("Profile")).to_be_visible()


async def test_password_managers_know_what_goes_where(
    chats: Chats, system: System, inbox: Inbox, member: Member
) -> None:
    person = await person_of(chats, system)
    expected = {
        "/sign-in": ["username", "current-password", "one-time-code"],
        "/sign-up": ["name", "username", "new-password"],
        "/reset-password#token=x": ["new-password", "one-time-code"],
        await invited(system, inbox, member): ["username", "name", "new-password"],
    }
    for path, fields in expected.items():
        await person.page.goto(path if path.startswith("http") else system.base_url + path)
        form = person.page.locator("main form").first
        await expect(form).to_be_visible()
        assert (
            await form.locator("input[autocomplete]").evaluate_all("all => all.map(each => each.autocomplete)")
            == fields
        )


async def _tab_to(person: Person, name: str) -> None:
    """Walks there by Tab alone, to what has this text or label."""
    told = "(node => (node.labels?.[0] ?? node).textContent.trim())(document.activeElement)"
    for _ in range(80):
        await person.page.keyboard.press("Tab")
        if await person.page.evaluate(told) == name:
            assert await person.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    pytest.fail(f"Tab does not lead to '{name}'.")
