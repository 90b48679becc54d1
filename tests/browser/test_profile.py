"""The profile: what people say of themselves, how they want to be treated, and where they are signed in."""

import io
import re
from pathlib import Path
from zipfile import ZipFile

from PIL import Image
from playwright.async_api import expect

from tests.browser.chat import Chats
from tests.browser.letters import Inbox
from tests.browser.person import PASSWORD, Person, person_of, user_of
from tests.http.system import System

NEW = "another long password"
GROUND = "getComputedStyle(document.body).backgroundColor"


async def at_the_profile(chats: Chats, system: System, inbox: Inbox) -> Person:
    person = await user_of(chats, system, inbox)
    await person.link("Profile").click()
    await expect(person.heading("Profile")).to_be_visible()
    return person


async def test_people_say_who_they_are(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await at_the_profile(chats, system, inbox)
    about = person.form("About you")
    await about.get_by_label("What to call you").fill("Ada")
    await about.get_by_label("Elsewhere").fill("mastodon: https://social.example/@ada\nblog: https://ada.example")
    await about.get_by_label("Website").fill("ada")
    await about.get_by_role("button", name="Save").click()
    await expect(about.get_by_label("Website")).to_have_accessible_description(re.compile("begins with https://"))
    await expect(about.get_by_label("What to call you")).to_have_value("Ada")
    await about.get_by_label("Website").fill("https://ada.example")
    await about.get_by_role("button", name="Save").click()
    await expect(about.get_by_role("status")).to_have_text("Saved.")
    await expect(person.page.locator("#who")).to_have_text("Ada")
    await person.page.reload()
    links = "mastodon: https://social.example/@ada\nblog: https://ada.example"
    kept = await about.get_by_label("Elsewhere").input_value()
    assert sorted(kept.split("\n")) == sorted(links.split("\n"))


async def test_a_theme_shows_at_once_and_everywhere(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await at_the_profile(chats, system, inbox)
    light = await person.page.evaluate(GROUND)
    preferences = person.form("Preferences")
    await preferences.get_by_label("Look").select_option("dark")
    await preferences.get_by_role("button", name="Save").click()
    await expect(preferences.get_by_role("status")).to_have_text("Saved.")
    dark = await person.page.evaluate(GROUND)
    assert dark != light
    await person.link("Desk").click()
    await person.is_at_the_desk()
    assert await person.page.evaluate(GROUND) == dark
    elsewhere = await person_of(chats, system, person.email)
    await elsewhere.go("/sign-in")
    await elsewhere.sign_in()
    await expect(elsewhere.page.locator("html")).to_have_attribute("data-theme", "dark")
    # The next one to sign in here is shown what the device says.
    await person.button("Sign out").click()
    assert await person.page.evaluate(GROUND) == light


async def test_mail_waits_for_working_hours_and_is_switched_off(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await at_the_profile(chats, system, inbox)
    await person.go("/profile#mail")
    preferences = person.form("Preferences")
    await expect(preferences).to_be_focused()
    await preferences.get_by_label("Mail when a visitor waits for a person").uncheck()
    await expect(preferences.get_by_label("From", exact=True)).to_be_hidden()
    await preferences.get_by_label("Only in my working hours").check()
    await preferences.get_by_label("Saturday").check()
    await preferences.get_by_label("From", exact=True).fill("10:00")
    await preferences.get_by_role("button", name="Save").click()
    await expect(preferences.get_by_role("status")).to_have_text("Saved.")
    await person.page.reload()
    await expect(preferences.get_by_label("Mail when a visitor waits for a person")).not_to_be_checked()
    await expect(preferences.get_by_label("From", exact=True)).to_have_value("10:00")
    await expect(preferences.locator(".choices :checked")).to_have_count(6)
    await preferences.get_by_label("Only in my working hours").uncheck()
    await preferences.get_by_role("button", name="Save").click()
    await expect(preferences.get_by_role("status")).to_have_text("Saved.")


async def test_a_picture_is_put_and_removed(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await at_the_profile(chats, system, inbox)
    made = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(made, "PNG")
    await person.field("Choose a picture").set_input_files(
        {"name": "words.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    await expect(person.page.get_by_text("This is no PNG, JPEG or WebP.").first).to_be_visible()
    await person.field("Choose a picture").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": made.getvalue()}
    )
    picture = person.page.get_by_role("img", name="Your picture")
    await expect(picture).to_be_visible()
    await expect(person.page.get_by_text("Your picture is there.")).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 512
    await person.button("Remove the picture").click()
    await expect(picture).to_be_hidden()


async def test_a_password_is_changed_and_ends_other_sessions(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await at_the_profile(chats, system, inbox)
    other = await person_of(chats, system, person.email)
    await other.go("/profile")
    await other.sign_in()
    await expect(other.region("Where you are signed in").get_by_role("listitem")).to_have_count(2)
    form = person.form("Password")
    await form.get_by_label("Present password").fill("not the password")
    await form.get_by_label("New password").fill(NEW)
    await form.get_by_role("button").click()
    await expect(form.get_by_label("Present password")).to_have_accessible_description(re.compile("not your present"))
    await expect(form.get_by_label("New password")).to_have_value(NEW)
    await form.get_by_label("Present password").fill(PASSWORD)
    await form.get_by_role("button").click()
    await expect(form.get_by_text("Your password is changed.")).to_be_visible()
    await expect(form.get_by_label("New password")).to_have_value("")
    await expect(person.region("Where you are signed in").get_by_role("listitem")).to_have_count(1)
    await other.page.reload()
    await other.sign_in(NEW)
    await expect(other.heading("Profile")).to_be_visible()


async def test_a_session_elsewhere_is_ended_and_then_all(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await at_the_profile(chats, system, inbox)
    other = await person_of(chats, system, person.email)
    await other.go("/sign-in")
    await other.sign_in()
    await other.is_at_the_desk()
    await person.page.reload()
    sessions = person.region("Where you are signed in")
    await expect(sessions.get_by_role("listitem")).to_have_text([re.compile("Chrome on Linux"), re.compile("Here")])
    await sessions.get_by_role("button", name="Sign out there").click()
    await expect(sessions.get_by_role("listitem")).to_have_count(1)
    await expect(other.page.get_by_text("You were signed out").first).to_be_visible()
    await sessions.get_by_role("button", name="Sign out everywhere").click()
    await person.dialog.get_by_role("button", name="Sign out").click()
    await expect(person.field("E-mail")).to_be_focused()


async def test_what_is_known_of_somebody_is_saved_as_an_archive(
    chats: Chats, system: System, inbox: Inbox, tmp_path: Path
) -> None:
    person = await at_the_profile(chats, system, inbox)
    await person.button("Make an archive").click()
    await expect(person.region("Your data").get_by_role("status")).to_contain_text("It is there until")
    async with person.page.expect_download() as saving:
        await person.button("Save the archive").click()
    saved = tmp_path / "saved"
    await (await saving.value).save_as(saved)
    with ZipFile(saved) as archive:
        assert any(person.email in archive.read(name).decode() for name in archive.namelist())


async def test_an_account_is_deleted_by_who_means_it(chats: Chats, system: System, inbox: Inbox) -> None:
    person = await at_the_profile(chats, system, inbox)
    await person.button("Delete your account…").click()
    confirm = person.dialog.get_by_label(f"To go on, write {person.email}")
    await confirm.fill("yes")
    await person.dialog.get_by_role("button", name="Delete for good").click()
    await expect(confirm).to_have_attribute("aria-invalid", "true")
    await confirm.fill(person.email)
    await person.dialog.get_by_role("button", name="Delete for good").click()
    await expect(person.page.get_by_text("Your account is deleted.").first).to_be_visible()
    await person.sign_in()
    await expect(person.field("Password")).to_have_attribute("aria-invalid", "true")
