import asyncio
from typing import Any
from uuid import uuid4

from domain.access import Role
from tests.http.invited import mailed_token
from tests.http.system import Member, System, pointers, problem, secret_of

FIELDS = {"id", "workspace_id", "email", "role", "invited_by", "created_at", "sent_at", "expires_at"}


async def _invited(member: Member, email: str, role: str = "member") -> dict[str, Any]:
    answer = await member.api.post(f"{member.path}/invites", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    invite: dict[str, Any] = answer.json()
    return invite


def _mail(member: Member) -> str:
    assert member.user.email
    return member.user.email


async def test_an_invited_user_joins_with_the_mailed_link_and_is_told_of_without_an_address(
    system: System, member: Member
) -> None:
    guest = await system.member()
    invite = await _invited(member, _mail(guest).upper(), "admin")
    assert set(invite) == FIELDS
    assert (invite["email"], invite["role"], invite["invited_by"]) == (
        _mail(guest),
        "admin",
        str(member.user.id),
    )
    problem(await guest.api.get(member.path), 404, "not_found")
    token = await mailed_token(system, member.workspace_id, _mail(guest))
    seen = await system.client.post("/api/v1/invites/look", json={"token": token})
    assert seen.json() == {
        "workspace_name": (await member.api.get(member.path)).json()["name"],
        "email": _mail(guest),
        "role": "admin",
        "expires_at": invite["expires_at"],
        "registered": True,
    }
    joined = await guest.api.post("/api/v1/invites/accept", json={"token": token})
    assert (joined.status_code, joined.json()["id"], joined.json()["role"]) == (200, member.workspace_id, "admin")
    assert (await guest.api.get(member.path)).status_code == 200
    problem(await guest.api.post("/api/v1/invites/accept", json={"token": token}), 410, "invite_expired")
    problem(await system.client.post("/api/v1/invites/look", json={"token": token}), 410, "invite_expired")
    activity = (await member.api.get(f"{member.path}/activity")).text
    for kind in ("invite.created", "invite.accepted", "member.joined"):
        assert kind in activity
    assert _mail(guest) not in activity
    assert token not in activity


async def test_neither_token_nor_address_is_stored_in_the_clear(system: System, member: Member) -> None:
    email = f"{uuid4().hex}@example.com"
    invite = await _invited(member, email)
    token = await mailed_token(system, member.workspace_id, email)
    assert await system.holders_of(secret_of(token)) == []
    assert await system.holders_of(email) == ["invites"]
    assert (await member.api.delete(f"/api/v1/invites/{invite['id']}")).status_code == 204
    assert await system.holders_of(email) == []


async def test_an_invite_answers_others_than_its_guest_with_no_more_than_that(system: System, member: Member) -> None:
    guest, other = await system.member(), await system.member()
    await _invited(member, _mail(guest))
    token = await mailed_token(system, member.workspace_id, _mail(guest))
    refused = problem(await other.api.post("/api/v1/invites/accept", json={"token": token}), 403, "other_email")
    assert _mail(guest) not in str(refused)
    problem(await other.api.post("/api/v1/invites/accept", json={"token": f"{token}x"}), 410, "invite_expired")
    answer = await system.client.get(member.path, headers={"Authorization": f"Bearer {token}"})
    problem(answer, 401, "unauthenticated")


async def test_accepted_ten_times_at_once_an_invite_makes_one_member(system: System, member: Member) -> None:
    guest = await system.member()
    await _invited(member, _mail(guest))
    token = await mailed_token(system, member.workspace_id, _mail(guest))
    answers = await asyncio.gather(
        *(guest.api.post("/api/v1/invites/accept", json={"token": token}) for _ in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [410] * 9
    assert await system.sql(
        "select count(*) from members where workspace_id = %s and user_id = %s", member.workspace_id, guest.user.id
    ) == [(1,)]


async def test_an_invite_is_sent_again_with_another_link_once_a_minute(system: System, member: Member) -> None:
    guest = await system.member()
    invite = await _invited(member, _mail(guest))
    first = await mailed_token(system, member.workspace_id, _mail(guest))
    path = f"/api/v1/invites/{invite['id']}/resend"
    early = await member.api.post(path)
    problem(early, 429, "resent_too_soon")
    assert 0 < int(early.headers["retry-after"]) <= 60
    await system.sql("update invites set sent_at = sent_at - interval '1 minute' where id = %s", invite["id"])
    again = await member.api.post(path)
    assert (again.status_code, again.json()["expires_at"] > invite["expires_at"]) == (200, True)
    second = await mailed_token(system, member.workspace_id, _mail(guest))
    problem(await guest.api.post("/api/v1/invites/accept", json={"token": first}), 410, "invite_expired")
    assert (await guest.api.post("/api/v1/invites/accept", json={"token": second})).status_code == 200


async def test_who_is_invited_or_there_already_is_not_invited_again(system: System, member: Member) -> None:
    email = f"{uuid4().hex}@example.com"
    invite = await _invited(member, email)
    body = {"email": email, "role": "viewer"}
    problem(await member.api.post(f"{member.path}/invites", json=body), 409, "already_invited")
    viewer = await system.joined(member.workspace_id, Role.VIEWER)
    there = {"email": _mail(viewer), "role": "viewer"}
    problem(await member.api.post(f"{member.path}/invites", json=there), 409, "already_member")
    wrong = await member.api.post(f"{member.path}/invites", json={"email": "nobody", "role": "viewer"})
    assert pointers(wrong) == ["/email"]
    assert (await member.api.delete(f"/api/v1/invites/{invite['id']}")).status_code == 204
    assert (await _invited(member, email))["id"] != invite["id"]


async def test_of_ten_invites_to_one_address_at_once_one_is_sent(system: System, member: Member) -> None:
    body = {"email": f"{uuid4().hex}@example.com", "role": "viewer"}
    answers = await asyncio.gather(*(member.api.post(f"{member.path}/invites", json=body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    sent = "select count(*) from jobs where workspace_id = %s and type = 'send_mail'"
    assert await system.sql(sent, member.workspace_id) == [(1,)]


async def test_a_repeated_invite_is_sent_once(member: Member) -> None:
    body, headers = {"email": f"{uuid4().hex}@example.com", "role": "viewer"}, {"Idempotency-Key": uuid4().hex}
    first, again = [await member.api.post(f"{member.path}/invites", json=body, headers=headers) for _ in range(2)]
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"


async def test_invites_are_listed_newest_first_with_addresses_for_those_who_manage_members(
    system: System, member: Member
) -> None:
    sent = [await _invited(member, f"{uuid4().hex}@example.com") for _ in range(3)]
    page = (await member.api.get(f"{member.path}/invites", params={"limit": 2})).json()
    rest = (await member.api.get(f"{member.path}/invites", params={"cursor": page["next_cursor"]})).json()
    assert page["items"] + rest["items"] == sent[::-1]
    viewer = await system.joined(member.workspace_id, Role.VIEWER)
    shown = (await viewer.api.get(f"{member.path}/invites")).json()["items"]
    assert [item["email"] for item in shown] == [None] * 3
