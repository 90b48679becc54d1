"""Letters that tell people what happens without them."""

import asyncio
import uuid

from domain.access import Role
from tests.http.system import System


async def letters(system: System, workspace_id: str, cause: str) -> list[str]:
    """Who is written to by the jobs of the workspace of this type, once one of them is over."""
    async with asyncio.timeout(20):
        while not await system.sql(  # noqa: ASYNC110 (nothing of ours tells it to a test)
            "select 1 from jobs where workspace_id = %s and type = %s and status = 'succeeded'", workspace_id, cause
        ):
            await asyncio.sleep(0.02)
    found = await system.sql(
        "select payload ->> 'recipient_id' from jobs where workspace_id = %s and type = 'send_mail'", workspace_id
    )
    return sorted(recipient for (recipient,) in found)


async def test_a_visitor_who_asks_for_a_person_is_told_of_to_those_who_may_answer_once(system: System) -> None:
    owner = await system.member()
    colleague = await system.joined(owner.workspace_id, Role.MEMBER)
    await system.joined(owner.workspace_id, Role.VIEWER)
    visitor = await system.visitor(owner.handle)
    await visitor.ask("My secret is xylophone.")
    for _ in range(3):
        (await system.client.post(f"{visitor.path}/ask-a-person", headers=visitor.headers)).raise_for_status()
    expected = sorted(str(member.user.id) for member in (owner, colleague))
    assert await letters(system, owner.workspace_id, "announce_visitor") == expected
    asked = await system.sql(
        "select count(*) from jobs where workspace_id = %s and type = 'announce_visitor'", owner.workspace_id
    )
    assert asked == [(1,)]
    jobs = (await owner.api.get(f"{owner.path}/jobs")).text
    assert "xylophone" not in jobs
    assert (owner.user.email or "") not in jobs


async def test_a_job_that_died_is_told_of_to_owners_and_admins_once_an_hour(system: System) -> None:
    owner = await system.member()
    admin = await system.joined(owner.workspace_id, Role.ADMIN)
    await system.joined(owner.workspace_id, Role.MEMBER)
    for _ in range(2):
        # Nobody can do what is written so.
        await system.sql(
            "insert into jobs (id, type, workspace_id, payload, status, progress, attempt, failures, max_attempts,"
            " run_at, cancel_asked, created_at) values (%s, 'remove_export', %s, '{}', 'queued', 0,"
            " 0, 0, 1, now(), false, now())",
            uuid.uuid4(),
            owner.workspace_id,
        )
        expected = sorted(str(member.user.id) for member in (owner, admin))
        assert await letters(system, owner.workspace_id, "announce_death") == expected
        async with asyncio.timeout(20):
            while await system.sql(  # noqa: ASYNC110 (nothing of ours tells it to a test)
                "select 1 from jobs where workspace_id = %s and type = 'remove_export' and ended_at is null",
                owner.workspace_id,
            ):
                await asyncio.sleep(0.02)
    told = await system.sql(
        "select status, payload ->> 'quiet' from jobs where workspace_id = %s and type = 'announce_death' order by 2",
        owner.workspace_id,
    )
    assert told == [("succeeded", "false"), ("queued", "true")]
