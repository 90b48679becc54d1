"""What the desk tells of how it goes, and what is to be done about it."""

import re

from playwright.async_api import expect

from tests.browser.chat import Chats
from tests.browser.desk import desk_of
from tests.http.system import Member, System

ANSWER = "There is a fountain in the yard."


async def test_an_unanswered_question_becomes_knowledge(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    for question in ("Is there a fountain?", "Do you sell elephants?"):
        await visitor.ask(question)
    desk = await desk_of(chats, system, member, "unanswered")
    cards = desk.page.locator(".plainly > li")
    await expect(cards.locator("h2")).to_have_text(["Do you sell elephants?", "Is there a fountain?"])
    fountain = cards.last
    await fountain.get_by_role("button", name="Add to the knowledge base").click()
    await expect(fountain.get_by_label("Answer")).to_have_attribute("aria-invalid", "true")
    await fountain.get_by_label("Answer").fill(ANSWER)
    await fountain.get_by_role("button", name="Add to the knowledge base").click()
    await expect(cards).to_have_count(1)
    await cards.get_by_role("button", name="Dismiss").click()
    await expect(desk.page.get_by_text("There is none:")).to_be_visible()
    await desk.go("Knowledge")
    await expect(desk.field("What the assistant may know")).to_have_value(f"## Is there a fountain?\n\n{ANSWER}")
    assert ANSWER in await visitor.ask("Is there a fountain?")


async def test_statistics_are_drawn_and_tabled(chats: Chats, system: System, member: Member) -> None:
    (await member.api.patch(member.path, json={"knowledge_base": "We are open on Mondays."})).raise_for_status()
    visitor = await system.visitor(member.handle)
    await visitor.ask("When are you open?")
    await visitor.ask("Do you sell elephants?")
    reply = (await visitor.messages())["items"][1]["id"]
    path = f"{visitor.path}/messages/{reply}/feedback"
    (await system.client.post(path, json={"value": "up"}, headers=visitor.headers)).raise_for_status()
    desk = await desk_of(chats, system, member, "statistics")
    plots = desk.page.locator("figure")
    titles = ["Conversations", "Questions", "Response time, median", "Feedback", "Minutes saved", "Tokens"]
    await expect(plots.locator("h2")).to_have_text(titles)
    await expect(desk.page.locator("dl strong")).to_have_text(["1", "1", "under 1 s", "1", "3 minutes", "0"])
    questions = plots.nth(1)
    told = re.compile(r"Questions by day, from .+ to .+; at most 2 on a day\. The table below has the figures\.")
    await expect(questions.get_by_role("img")).to_have_accessible_name(told)
    await questions.get_by_text("As a table").click()
    await expect(questions.get_by_role("row")).to_have_count(31)
    await expect(questions.get_by_role("row").last.get_by_role("cell")).to_have_text(["1", "1"])
    await desk.field("Range").select_option("today")
    await expect(questions.locator("rect")).to_have_count(2)
    heights = await questions.locator("rect").evaluate_all("bars => bars.map(bar => bar.getAttribute('height'))")
    assert heights == ["50", "50"]
