"""What people see of themselves, and change."""

from typing import Any

import httpx
import pytest

from tests.http.system import Member, System, pointers, problem

ME = "/api/v1/users/me"
PREFERENCES = f"{ME}/preferences"


async def patched(member: Member, path: str = ME, **changes: Any) -> dict[str, Any]:
    answer = await member.api.patch(path, json=changes)
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == f'"{view["version"]}"'
    return view


async def test_a_user_sees_themselves(member: Member) -> None:
    answer = await member.api.get(ME)
    assert answer.headers["cache-control"] == "no-store"
    view = answer.json()
    assert (view["id"], view["email"], view["name"]) == (str(member.user.id), member.user.email, member.user.name)
    assert (view["timezone"], view["avatar_url"], view["setup_completed"]) == ("UTC", None, False)
    assert view["social_links"] == {}
    again = await member.api.get(ME, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_profile_is_changed_field_by_field_and_null_empties(member: Member) -> None:
    everything: dict[str, Any] = {
        "name": "Maria M.",
        "preferred_name": "Mia",
        "pronouns": "she/her",
        "timezone": "Europe/Prague",
        "bio": "Paints.",
        "phone": "+420 123 456 789",
        "website": "https://maria.example/",
        "business_name": "Atelier M",
        "tagline": "Colours for all",
        "social_links": {"mastodon": "https://social.example/@maria"},
        "setup_completed": True,
    }
    view = await patched(member, **everything)
    assert {name: view[name] for name in everything} == everything
    assert (await member.api.get(ME)).json() == view
    emptied = await patched(member, bio=None, website=None, social_links=None, timezone=None)
    assert (emptied["bio"], emptied["website"], emptied["social_links"], emptied["timezone"]) == ("", "", {}, "UTC")
    assert emptied["tagline"] == "Colours for all"


async def test_each_field_that_cannot_be_taken_is_named(member: Member) -> None:
    answer = await member.api.patch(
        ME, json={"name": "", "timezone": "Mars/Base", "website": "javascript:alert(1)", "bio": "x" * 2_001}
    )
    assert sorted(pointers(answer)) == ["/bio", "/name", "/timezone", "/website"]
    assert (await member.api.get(ME)).json()["version"] == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"email": "other@example.com"}, "/email"),
        ({"administrator": True}, "/administrator"),
        ({"name": None}, "/name"),
        ({"setup_completed": None}, "/setup_completed"),
        ({"social_links": {"a": 1}}, "/social_links"),
        ({"social_links": {f"n{number}": "https://a.example" for number in range(21)}}, "/social_links"),
    ],
)
async def test_what_is_no_field_of_a_profile_is_refused(member: Member, changes: Any, pointer: str) -> None:
    assert pointers(await member.api.patch(ME, json=changes)) == [pointer]


@pytest.mark.parametrize("path", [ME, PREFERENCES])
async def test_of_two_who_read_the_same_version_one_changes_it(member: Member, path: str) -> None:
    etag = (await member.api.get(path)).headers["etag"]
    changes = {"bio": "One."} if path == ME else {"theme": "dark"}
    assert (await member.api.patch(path, json=changes, headers={"If-Match": etag})).status_code == 200
    problem(await member.api.patch(path, json=changes, headers={"If-Match": etag}), 412, "stale")


async def test_an_empty_change_changes_nothing(member: Member) -> None:
    before = (await member.api.get(ME)).json()
    assert await patched(member) == before


async def test_a_change_is_told_by_its_fields_and_never_by_what_they_hold(member: Member) -> None:
    await patched(member, bio="Secretly a baron.", phone="+420 1")
    events = (await member.api.get(f"{member.path}/activity", params={"type": "user.edited"})).json()["items"]
    assert [event["data"]["fields"] for event in events] == [["bio", "phone"]]
    assert "baron" not in str(events)


async def test_preferences_are_changed_one_by_one(member: Member) -> None:
    assert (await member.api.get(PREFERENCES)).json() == {
        "theme": "system",
        "working_hours": None,
        "mail": {"job_died": True, "visitor_waits": True},
        "onboarding": {},
        "version": 1,
    }
    hours = {"days": [4, 0, 4], "opens": "09:00", "closes": "17:30"}
    await patched(member, PREFERENCES, theme="dark", working_hours=hours, onboarding={"tour": True})
    view = await patched(member, PREFERENCES, mail={"job_died": False}, onboarding={"invited": False})
    assert view["theme"] == "dark"
    assert view["working_hours"] == {"days": [0, 4], "opens": "09:00", "closes": "17:30"}
    assert view["mail"] == {"job_died": False, "visitor_waits": True}
    assert view["onboarding"] == {"tour": True, "invited": False}
    assert (await patched(member, PREFERENCES, working_hours=None))["working_hours"] is None


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"theme": "pink"}, "/theme"),
        ({"mail": {"verify": False}}, "/mail"),
        ({"mail": {"job_died": "no"}}, "/mail"),
        ({"working_hours": {"days": [7], "opens": "09:00", "closes": "17:00"}}, "/working_hours/days"),
        ({"working_hours": {"days": [0], "opens": "25:00", "closes": "17:00"}}, "/working_hours/opens"),
        ({"working_hours": {"days": [0], "opens": "09:00"}}, "/working_hours/closes"),
        ({"onboarding": {"Not a name": True}}, "/onboarding"),
        ({"onboarding": {f"flag_{number}": True for number in range(51)}}, "/onboarding"),
        ({"version": 2}, "/version"),
    ],
)
async def test_preferences_that_mean_nothing_are_refused(member: Member, changes: Any, at: str) -> None:
    assert pointers(await member.api.patch(PREFERENCES, json=changes)) == [at]
    assert (await member.api.get(PREFERENCES)).json()["version"] == 1


async def test_a_key_of_a_workspace_does_not_open_the_account(system: System, member: Member) -> None:
    body = {"name": "robot", "permissions": ["service:read"]}
    token = (await member.api.post(f"{member.path}/api-keys", json=body)).json()["token"]
    robot: httpx.AsyncClient = await system.bearing(token)
    for path in (ME, PREFERENCES, f"{ME}/export"):
        problem(await robot.get(path), 403, "forbidden")
