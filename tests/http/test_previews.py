from pathlib import Path

from entrypoints.supervisor.embedded import Urls
from tests.http.system import Member, pointers, problem, settings_for, started

DRAFT = "# Parking\n\nYou can park behind the house."


async def test_an_owner_tries_a_draft_out_before_it_is_saved(member: Member) -> None:
    body = {"question": "Where can I park?", "knowledge_base": DRAFT}
    answer = await member.api.post(f"{member.path}/assistant/preview", json=body)
    shown = answer.json()
    assert answer.status_code == 200
    assert "behind the house" in shown["text"]
    assert shown["passages"][0] == {"heading": "Parking", "text": "You can park behind the house."}
    assert (shown["model"], shown["cut"]) == ("offline:quote", False)
    assert (await member.api.get(member.path)).json()["knowledge_base"] == ""
    used = (await member.api.get(f"{member.path}/usage")).json()["total"]
    assert used["calls"] == 1


async def test_what_cannot_be_asked_is_named(member: Member) -> None:
    path = f"{member.path}/assistant/preview"
    assert pointers(await member.api.post(path, json={"question": ""})) == ["/question"]
    body = {"question": "Where?", "knowledge_base": "x" * 1_048_577}
    assert pointers(await member.api.post(path, json=body)) == ["/knowledge_base"]


async def test_a_limit_of_the_workspace_holds_for_previews_too(member: Member) -> None:
    (await member.api.patch(member.path, json={"limits": {"tokens_per_day": 0}})).raise_for_status()
    problem(await member.api.post(f"{member.path}/assistant/preview", json={"question": "Hi?"}), 409, "limit_reached")


async def test_previews_are_limited_as_messages_of_a_conversation_are(
    database_url: str, servers: Urls, tmp_path: Path
) -> None:
    settings = settings_for(database_url, servers.redis, tmp_path, LIMIT_CONVERSATION="2/minute")
    async with started(settings, worker=False) as system:
        member, stranger = await system.member(), await system.member()
        path, body = f"{member.path}/assistant/preview", {"question": "Hi?"}
        for _ in range(3):
            problem(await stranger.api.post(path, json=body), 404, "not_found")
        answers = [await member.api.post(path, json=body) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[0].headers["ratelimit-remaining"] == "1"


async def test_a_preview_rings_nobody(member: Member) -> None:
    (await member.api.post(f"{member.path}/assistant/preview", json={"question": "Hi?"})).raise_for_status()
    types = [event["type"] for event in (await member.api.get(f"{member.path}/activity")).json()["items"]]
    assert not {kind for kind in types if kind.startswith(("conversation.", "message.", "run."))}
