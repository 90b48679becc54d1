from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from adapters.memory.callers import MemoryCallers
from application.identity.issue_owner_key import IssueOwnerKey
from domain.errors import NotFound, Unauthenticated
from domain.identity import SessionLife
from domain.ids import CredentialId
from tests.application.identity.front_door import FrontDoor


async def test_a_user_sees_where_they_are_signed_in(door: FrontDoor) -> None:
    await door.verified()
    door.world.clock.advance(timedelta(hours=1))
    mine = await door.caller(await door.signs_in())
    page = await door.list_sessions(mine, None, 25)
    assert [session.current for session in page.items] == [True, False]
    assert {session.client for session in page.items} == {"Firefox"}


async def test_whoever_signs_out_is_out_at_once_and_others_stay(door: FrontDoor) -> None:
    other, mine = await door.verified(), await door.signs_in()
    await door.sign_out(await door.caller(mine))
    with pytest.raises(Unauthenticated):
        await door.caller(mine)
    assert (await door.caller(other)).grants
    assert door.happened("session.ended") == 1


async def test_signing_out_everywhere_ends_all_sessions_of_the_user_alone(door: FrontDoor) -> None:
    sessions = [await door.verified(), await door.signs_in(), await door.signs_in()]
    stranger = await door.verified("eve@example.com")
    await door.sign_out_everywhere(await door.caller(sessions[1]))
    for session in sessions:
        with pytest.raises(Unauthenticated):
            await door.caller(session)
    assert (await door.caller(stranger)).grants
    assert door.happened("session.ended") == 3


async def test_a_session_is_ended_from_afar_once(door: FrontDoor) -> None:
    lost, mine = await door.verified(), await door.caller(await door.signs_in())
    lost_id = (await door.caller(lost)).credential_id
    assert lost_id
    await door.end_session(mine, lost_id)
    with pytest.raises(Unauthenticated):
        await door.caller(lost)
    with pytest.raises(NotFound):
        await door.end_session(mine, lost_id)


async def test_anothers_session_or_a_key_cannot_be_told_from_none(door: FrontDoor) -> None:
    mine = await door.caller(await door.verified())
    theirs = await door.verified("eve@example.com")
    (home,) = mine.grants
    key = await IssueOwnerKey(door.world.begin, door.world.clock)(mine, home, "laptop")
    their_id = (await door.caller(theirs)).credential_id
    assert their_id
    for session_id in (their_id, key.id, CredentialId(uuid4())):
        with pytest.raises(NotFound):
            await door.end_session(mine, session_id)
    assert (await door.caller(theirs)).grants


async def test_signing_out_with_a_key_leaves_the_key(door: FrontDoor) -> None:
    mine = await door.caller(await door.verified())
    (home,) = mine.grants
    key = await IssueOwnerKey(door.world.begin, door.world.clock)(mine, home, "laptop")
    callers = MemoryCallers(door.world.store, door.world.clock, SessionLife())
    await door.sign_out(await callers.of_token(key.reveal()))
    assert (await callers.of_token(key.reveal())).grants


async def test_signing_out_with_an_issuers_token_ends_nothing_here(door: FrontDoor) -> None:
    session = await door.verified()
    mine = await door.caller(session)
    await door.sign_out(replace(mine, credential_id=None))
    assert await door.caller(session) == mine


async def test_only_users_have_sessions(door: FrontDoor) -> None:
    visit = await door.world.visit()
    for refused in (door.sign_out, door.sign_out_everywhere):
        with pytest.raises(NotFound):
            await refused(visit.caller)
    with pytest.raises(NotFound):
        await door.list_sessions(visit.caller, None, 25)
