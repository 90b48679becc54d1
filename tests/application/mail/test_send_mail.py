import json
from datetime import UTC, datetime, time, timedelta

import pytest

from adapters.memory.clock import MemoryClock
from adapters.memory.secret_box import MemorySecretBox
from application.mail.send_mail import WAITS, SendMail
from application.ports.mailer import MailDelayed, MailRefused
from domain.ids import ConversationId, UserId, new_id
from domain.jobs import JobCancelled, JobStatus, LeaseLost, TryAgain
from domain.json import json_of
from domain.mail import JobDied, MailKind, MailPreferences, Verify, VisitorWaits, WorkingHours
from tests.application.mail.office import BASE_URL, TO, TOKEN, Office, an_invite
from tests.application.world import LEASE, World

DIED = JobDied(workspace="Harbour", job_type="tidy_up", error="No broom.")
OFFICE_HOURS = WorkingHours(days=frozenset(range(5)), opens=time(9), closes=time(17))
FRIDAY_EVENING = datetime(2026, 3, 6, 18, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 3, 9, 9, tzinfo=UTC)


@pytest.fixture
def evening() -> Office:
    """An office on a Friday evening."""
    return Office(World(clock=MemoryClock(FRIDAY_EVENING)))


async def test_a_letter_is_written_and_sent_with_absolute_links(office: Office) -> None:
    await office.post(an_invite(office.now), to=TO)
    job = await office.work()

    (letter,) = office.mailer.sent
    assert (letter.to, letter.unsubscribe) == (TO, None)
    assert f"link: {BASE_URL}/accept-invite#token={TOKEN}" in letter.text.splitlines()
    assert (job.status, job.result, job.error) == (JobStatus.SUCCEEDED, {"outcome": "sent"}, None)


async def test_a_job_shows_neither_what_the_letter_says_nor_to_whom(office: Office) -> None:
    job = await office.post(an_invite(office.now), to=TO)
    await office.work()

    stored = json.dumps(json_of(office.world.job(job.id).payload))
    assert not any(secret in stored for secret in (TOKEN, TO, "Žofie", "Harbour", "invite"))
    assert TOKEN not in repr(SendMail.of(an_invite(office.now), office.now, office.world.secret_box, to=TO))


async def test_a_letter_to_nobody_is_a_mistake(office: Office) -> None:
    with pytest.raises(ValueError, match="needs an address or a user"):
        SendMail.of(DIED, office.now, office.world.secret_box)


async def test_it_goes_to_the_address_its_user_has_by_then(office: Office) -> None:
    user_id = office.user(MailPreferences(), "new@example.com")
    await office.post(DIED, recipient_id=user_id)
    await office.work()

    (letter,) = office.mailer.sent
    assert (letter.to, letter.unsubscribe) == ("new@example.com", f"{BASE_URL}/profile#mail")
    assert f"preferences: {BASE_URL}/profile#mail" in letter.text


async def test_what_an_address_is_to_prove_goes_there_and_nowhere_else(office: Office) -> None:
    user_id = office.user(MailPreferences(off=frozenset(MailKind), working_hours=OFFICE_HOURS), "old@example.com")
    await office.post(Verify(token=TOKEN, expires_at=office.now), to="new@example.com", recipient_id=user_id)
    await office.work()

    assert [letter.to for letter in office.mailer.sent] == ["new@example.com"]


async def test_what_is_switched_off_is_not_sent(office: Office) -> None:
    user_id = office.user(MailPreferences(off=frozenset({MailKind.JOB_DIED})))
    await office.post(DIED, recipient_id=user_id)
    job = await office.work()

    assert (job.status, job.result, office.texts) == (JobStatus.SUCCEEDED, {"outcome": "switched_off"}, [])


@pytest.mark.parametrize("content", [DIED, Verify(token=TOKEN, expires_at=FRIDAY_EVENING)])
async def test_nobody_gets_the_letter_of_a_user_who_is_gone(office: Office, content: JobDied | Verify) -> None:
    await office.post(content, recipient_id=UserId(new_id(office.now)))
    job = await office.work()

    assert (job.status, job.result, office.texts) == (JobStatus.SUCCEEDED, {"outcome": "no_recipient"}, [])


async def test_a_user_who_is_gone_gets_no_optional_letter_at_an_address_either(office: Office) -> None:
    await office.post(DIED, to=TO, recipient_id=UserId(new_id(office.now)))

    assert (await office.work()).result == {"outcome": "no_recipient"}


class TestWorkingHours:
    async def test_a_letter_waits_for_them_and_counts_no_failure(self, evening: Office) -> None:
        user_id = evening.user(MailPreferences(working_hours=OFFICE_HOURS))
        _, workspace = await evening.world.owner()
        await evening.post(DIED, recipient_id=user_id, workspace_id=workspace.id)
        put_off = await evening.work()
        assert put_off.status is JobStatus.SUCCEEDED
        assert put_off.result == {"outcome": "put_off", "until": "2026-03-09T09:00:00Z"}
        assert await evening.idle()

        evening.world.clock.advance(MONDAY_MORNING - evening.now)
        sent = await evening.work()
        assert (sent.result, sent.failures, sent.workspace_id) == ({"outcome": "sent"}, 0, workspace.id)
        assert len(evening.texts) == 1

    async def test_what_is_switched_off_meanwhile_is_not_sent(self, evening: Office) -> None:
        user_id = evening.user(MailPreferences(working_hours=OFFICE_HOURS))
        await evening.post(DIED, recipient_id=user_id)
        await evening.work()
        evening.set(user_id, MailPreferences(off=frozenset({MailKind.JOB_DIED})))
        evening.world.clock.advance(MONDAY_MORNING - evening.now)

        assert (await evening.work()).result == {"outcome": "switched_off"}

    async def test_a_visitor_who_waited_over_a_weekend_is_not_told_of(self, evening: Office) -> None:
        user_id = evening.user(MailPreferences(working_hours=OFFICE_HOURS))
        visitor = VisitorWaits(workspace="Harbour", conversation_id=ConversationId(new_id(evening.now)))
        await evening.post(visitor, recipient_id=user_id)

        assert (await evening.work()).result == {"outcome": "stale"}

    async def test_a_server_that_is_down_for_a_day_makes_a_waiting_visitor_stale(self, office: Office) -> None:
        visitor = VisitorWaits(workspace="Harbour", conversation_id=ConversationId(new_id(office.now)))
        await office.post(visitor, recipient_id=office.user(MailPreferences()))
        office.mailer.failures.append(MailDelayed("Down."))
        await office.work()
        office.world.clock.advance(timedelta(days=1))

        assert (await office.work()).result == {"outcome": "stale"}


class TestFailures:
    async def test_a_delay_is_tried_again_after_waits_that_grow_over_about_a_day(self, office: Office) -> None:
        job = await office.post(an_invite(office.now), to=TO)
        begun = office.now
        waits: list[timedelta] = []
        for number in range(len(WAITS)):
            office.mailer.failures.append(MailDelayed("The mail server cannot be reached.", answer=f"No {TO}"))
            queued = await office.work()
            assert (queued.status, queued.failures) == (JobStatus.QUEUED, number + 1)
            assert queued.error == "The mail server cannot be reached."
            waits.append(queued.run_at - office.now)
            office.world.clock.advance(waits[-1])
        assert waits == sorted(waits)
        assert timedelta(hours=20) < office.now - begun < timedelta(hours=28)

        office.mailer.failures.append(MailDelayed("The mail server cannot be reached."))
        assert (await office.work()).status is JobStatus.DEAD
        assert office.world.job(job.id).max_attempts == len(WAITS) + 1

    async def test_each_try_is_of_the_same_letter(self, office: Office) -> None:
        job = await office.post(an_invite(office.now), to=TO)
        office.mailer.failures.append(MailDelayed("Later."))
        await office.work()
        office.world.clock.advance(WAITS[0])
        await office.work()

        assert [str(letter.id) for letter in office.mailer.sent] == [job.payload["letter_id"]]

    async def test_a_refusal_is_the_death_of_the_job_with_a_sentence_that_names_no_address(
        self, office: Office
    ) -> None:
        _, workspace = await office.world.owner()
        await office.post(an_invite(office.now), to=TO, workspace_id=workspace.id)
        office.mailer.failures.append(
            MailRefused("The mail server refuses the recipient for good (550).", answer=f"550 <{TO}>")
        )
        dead = await office.work()

        assert (dead.status, dead.failures) == (JobStatus.DEAD, 1)
        assert dead.error == "The mail server refuses the recipient for good (550)."
        assert office.world.events(workspace.id)[-1].type == "job.died"
        assert await office.idle()

    async def test_an_address_that_is_none_is_its_death_too(self, office: Office) -> None:
        await office.post(an_invite(office.now), to="ada@example.com\r\nBcc: all@example.com")
        dead = await office.work()

        assert (dead.status, dead.error) == (JobStatus.DEAD, "The address is none that a letter can be sent to.")
        assert office.mailer.sent == []

    async def test_a_letter_sealed_with_another_key_is_given_up(self, office: Office) -> None:
        await office.post(an_invite(office.now), to=TO)
        dead = await office.work(MemorySecretBox())

        assert dead.status is JobStatus.DEAD
        assert dead.error == "The letter was sealed with another SECRET_KEY and cannot be opened."


class TestStopping:
    async def test_a_job_that_is_to_stop_sends_nothing(self, office: Office) -> None:
        await office.post(an_invite(office.now), to=TO)
        office.progress.cancel()
        with pytest.raises(JobCancelled):
            await office.send(await office.claim())

        assert office.mailer.sent == []

    async def test_what_failed_is_not_tried_again_when_somebody_asked_for_it_to_stop(self, office: Office) -> None:
        await office.post(an_invite(office.now), to=TO)
        claim = await office.claim()
        async with office.world.begin() as work:
            job = await work.jobs.lock(claim.job_id)
            await work.jobs.save(job.asked_to_cancel(office.now))
            await work.commit(None)
        office.mailer.failures.append(MailDelayed("Later."))

        with pytest.raises(JobCancelled):
            await office.send(claim)

    async def test_whoever_has_lost_the_job_changes_nothing(self, office: Office) -> None:
        job = await office.post(an_invite(office.now), to=TO)
        claim = await office.claim()
        office.world.clock.advance(LEASE)
        await office.world.queue.expire()
        before = office.world.job(job.id)
        for failure in (MailDelayed("Later."), MailRefused("Never.")):
            office.mailer.failures.append(failure)
            with pytest.raises(LeaseLost):
                await office.send(claim)
        with pytest.raises(LeaseLost):
            await office.send(claim)

        assert office.world.job(job.id) == before


async def test_the_wait_is_the_handlers_and_not_the_back_off(office: Office) -> None:
    await office.post(an_invite(office.now), to=TO)
    office.mailer.failures.append(MailDelayed("Later."))
    with pytest.raises(TryAgain) as raised:
        await office.send(await office.claim())
    assert raised.value.after == WAITS[0]
