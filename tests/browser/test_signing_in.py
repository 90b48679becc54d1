"""Signing up, in and back in, at the pages for it."""

import json
import re

from playwright.async_api import expect
from pyotp.totp import TOTP

from tests.browser.chat import Chats
from tests.browser.letters import Inbox
from tests.browser.person import PASSWORD, person_of, user_of
from tests.http.system import Member, System

NEW = "another long password"
STORED = "[...Object.values(sessionStorage), ...Object.values(localStorage)]"


async def test_somebody_signs_up_by_mail_and_their_link_works_once(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await user_of(chats, system, inbox)
    link = await inbox.link(person.email)
    assert "#token=" in link
    assert await person.page.evaluate("document.cookie") == ""
    other = await person_of(chats, system, person.email)
    await other.page.goto(link)
    assert "token" not in other.page.url
    await other.button("Confirm").click()
    await expect(other.heading("This link does not work any more")).to_be_visible()
    await other.link("Sign in").click()
    await other.sign_in()
    await other.is_at_the_desk()


async def test_a_wrong_password_is_said_at_its_field_and_nothing_typed_is_lost(
    chats: Chats, system: System, inbox: Inbox
) -> None:
    email = (await user_of(chats, system, inbox)).email
    person = await person_of(chats, system, email)
    await person.go("/sign-in")
    await expect(person.field("E-mail")).to_be_focused()
    await person.sign_in("not the password")
    await expect(person.field("Password")).to_be_focused()
    await expect(person.field("Password")).to_have_accessible_description("E-mail and password do not belong together.")
    await expect(person.field("E-mail")).to_have_value(email)
    await expect(person.field("Password")).to_have_value("not the password")
    assert await person.page.evaluate(STORED) == []
    await person.sign_in()
    await person.is_at_the_desk()


async def test_a_sign_up_that_cannot_be_taken_says_why_at_each_field(chats: Chats, system: System) -> None:
    person = await person_of(chats, system)
    await person.go("/sign-up")
    await person.field("Name").fill("Ada")
    await person.field("E-mail").fill("nobody")
    await person.button("Sign up").click()
    await expect(person.field("E-mail")).to_have_attribute("aria-invalid", "true")
    await expect(person.field("E-mail")).to_be_focused()
    await person.field("E-mail").fill(person.email)
    await person.field("Password").fill("short")
    await person.button("Sign up").click()
    await expect(person.page.get_by_text("A password must have at least 10 characters.").first).to_be_visible()
    await expect(person.field("Name")).to_have_value("Ada")
    await expect(person.field("Password")).to_have_value("short")


async def test_who_forgot_their_password_sets_another_one_by_mail(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await user_of(chats, system, inbox)
    other = await person_of(chats, system, person.email)
    await other.go("/sign-in")
    await other.link("Forgot your password?").click()
    await other.field("E-mail").fill(other.email)
    await other.button("Send a link").click()
    await expect(other.heading("Look in your mail")).to_be_visible()
    link = await inbox.link(other.email, 2)
    await other.page.goto(link)
    await expect(other.heading("Set a password")).to_be_visible()
    assert "token" not in other.page.url
    await other.field("New password").fill("short")
    await other.button("Set the password").click()
    await expect(other.field("New password")).to_have_accessible_description(re.compile("at least 10 characters"))
    await other.field("New password").fill(NEW)
    await other.button("Set the password").click()
    await other.is_at_the_desk()
    # Elsewhere they are signed out, where the page is open at once, and the link is used up.
    await expect(person.page.get_by_text("You were signed out").first).to_be_visible()
    await person.sign_in(NEW)
    await person.is_at_the_desk()
    await other.page.goto(link)
    await other.field("New password").fill(NEW)
    await other.button("Set the password").click()
    await expect(other.link("Get a new link")).to_be_visible()


async def test_a_second_factor_is_set_up_asked_for_and_removed(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await user_of(chats, system, inbox)
    await person.link("Profile").click()
    factor = person.region("Second factor")
    await factor.get_by_role("button", name="Set up or change").click()
    secret = (await factor.locator("code").inner_text()).replace(" ", "")
    await expect(factor.get_by_role("link", name="Open the app")).to_have_attribute("href", re.compile("^otpauth://"))
    await factor.get_by_label("Code").fill("000000")
    await factor.get_by_role("button", name="Confirm").click()
    await expect(factor.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    await factor.get_by_label("Code").fill(TOTP(secret).now())
    await factor.get_by_role("button", name="Confirm").click()
    await expect(factor.get_by_text("shown this once")).to_be_visible()
    codes = (await factor.locator("code").inner_text()).split()
    assert len(codes) > 5
    await factor.get_by_role("button", name="I have them").click()
    await person.button("Sign out").click()

    await expect(person.field("Code")).to_be_hidden()
    await person.sign_in()
    await expect(person.field("Code")).to_be_focused()
    await person.sign_in(code="nonsense")
    await expect(person.field("Code")).to_have_accessible_description(re.compile("wrong or was used before"))
    await person.sign_in(code=codes[0])
    await expect(person.heading("Profile")).to_be_visible()

    await factor.get_by_role("button", name="Set up or change").click()
    await factor.get_by_label("Your password").fill("not the password")
    await factor.get_by_role("button", name="Remove the second factor").click()
    await expect(factor.get_by_label("Your password")).to_have_accessible_description(re.compile("not your password"))
    await factor.get_by_label("Your password").fill(PASSWORD)
    await factor.get_by_role("button", name="Remove the second factor").click()
    await person.button("Sign out").click()
    await person.sign_in()
    await expect(person.heading("Profile")).to_be_visible()


async def test_signing_out_ends_the_session(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await user_of(chats, system, inbox)
    (token,) = [each for each in await person.page.evaluate(STORED) if "fd_session_" in each]
    async with person.page.expect_response("**/auth/logout") as ended:
        await person.button("Sign out").click()
    assert (await ended.value).status == 204
    assert await person.page.evaluate(STORED) == []
    headers = {"Authorization": f"Bearer {json.loads(token)}"}
    assert (await system.client.get("/api/v1/users/me", headers=headers)).status_code == 401


async def test_who_is_registered_signs_in_to_accept_an_invite(
    chats: Chats, system: System, inbox: Inbox, member: Member
) -> None:
    email = (await user_of(chats, system, inbox)).email
    await system.sql("update workspaces set name = 'The Harbour' where id = %s", member.workspace_id)
    (await member.api.post(f"{member.path}/invites", json={"email": email, "role": "admin"})).raise_for_status()
    invited = await person_of(chats, system, email)
    await invited.page.goto(await inbox.link(email, 2))
    await expect(invited.page.get_by_text("join The Harbour as an admin")).to_be_visible()
    await expect(invited.field("E-mail")).to_have_value(email)
    await invited.field("Password").fill("not the password")
    await invited.button("Sign in and join").click()
    await expect(invited.field("Password")).to_have_attribute("aria-invalid", "true")
    await invited.field("Password").fill(PASSWORD)
    await invited.button("Sign in and join").click()
    await invited.is_at_the_desk()
    await expect(invited.field("Workspace").locator("option:checked")).to_have_text("The Harbour")


async def test_an_invite_for_somebody_else_offers_to_change_who_one_is(
    chats: Chats, system: System, inbox: Inbox, member: Member
) -> None:
    person = await user_of(chats, system, inbox)
    other = (await person_of(chats, system)).email
    for email in (other, person.email):
        (await member.api.post(f"{member.path}/invites", json={"email": email, "role": "viewer"})).raise_for_status()
    await person.page.goto(await inbox.link(other))
    await expect(
        person.page.get_by_text(f"It was sent to {other}, and you are signed in as {person.email}.")
    ).to_be_visible()
    # Another link, opened in the same tab, is another invite.
    await person.page.goto(await inbox.link(person.email, 2))
    await expect(person.page.get_by_text(f"You are signed in as {person.email}.")).to_be_visible()
    await person.page.goto(await inbox.link(other))
    await person.button(f"Sign out, and go on as {other}").click()
    await expect(person.field("E-mail")).to_have_value(other)
    await person.field("Name").fill("Otto Other")
    await person.field("Password").fill(PASSWORD)
    await person.button("Sign up and join").click()
    await person.is_at_the_desk()


async def test_who_is_signed_in_joins_with_one_button(
    chats: Chats, system: System, inbox: Inbox, member: Member
) -> None:
    person = await user_of(chats, system, inbox)
    body = {"email": person.email, "role": "member"}
    (await member.api.post(f"{member.path}/invites", json=body)).raise_for_status()
    link = await inbox.link(person.email, 2)
    await person.page.goto(link)
    await expect(person.button("Join")).to_be_focused()
    await person.page.route("**/invites/accept", lambda route: route.abort())
    await person.button("Join").click()
    await expect(person.page.get_by_text("The server cannot be reached").first).to_be_visible()
    await person.page.unroute_all()
    await person.button("Try again").click()
    await person.button("Join").click()
    await person.is_at_the_desk()
