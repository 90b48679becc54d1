import asyncio
from dataclasses import replace

import pytest

from application.identity.open_session import SignedIn
from application.identity.second_factor import Proof
from application.ports.rate_limiter import Rate
from domain.access import ACCOUNT
from domain.errors import Invalid, Limited, NotFound
from domain.identity import BadCode, BadCredentials, CodeRequired, NoSecondFactor, SecondFactorOn
from tests.application.identity.front_door import EMAIL, PASSWORD, STEP, FrontDoor


async def test_codes_are_asked_for_once_the_first_one_is_confirmed(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    begun = await door.begin_second_factor(caller)
    assert begun.uri.startswith("otpauth://totp/")
    assert EMAIL.replace("@", "%40") in begun.uri
    await door.signs_in()

    recovery = await door.confirm_second_factor(caller, door.code(begun.secret))

    assert len(set(recovery.recovery_codes)) == 10
    with pytest.raises(CodeRequired):
        await door.signs_in()
    door.world.clock.advance(STEP)
    assert (await door.caller(await door.signs_in(code=door.code(begun.secret)))).grants
    assert door.happened("second_factor.added") == 1


async def test_whether_a_code_is_asked_for_is_told_to_whoever_knows_the_password_alone(door: FrontDoor) -> None:
    _, app, _ = await door.with_second_factor()
    door.world.clock.advance(STEP)
    with pytest.raises(BadCredentials):
        await door.signs_in("not their password", code=door.code(app))


async def test_a_code_is_never_taken_twice(door: FrontDoor) -> None:
    _, app, _ = await door.with_second_factor()
    with pytest.raises(BadCode):  # it confirmed the second factor
        await door.signs_in(code=door.code(app))
    door.world.clock.advance(STEP)
    code = door.code(app)
    await door.signs_in(code=code)
    for _ in range(2):
        with pytest.raises(BadCode):
            await door.signs_in(code=code)
        door.world.clock.advance(STEP)


async def test_of_twenty_who_send_a_code_at_once_one_is_let_in(door: FrontDoor) -> None:
    _, app, _ = await door.with_second_factor()
    door.world.clock.advance(STEP)
    code = door.code(app)
    ended = await asyncio.gather(*(door.signs_in(code=code) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(each, SignedIn) for each in ended) == 1
    assert sum(isinstance(each, BadCode) for each in ended) == 19


async def test_a_recovery_code_lets_in_once(door: FrontDoor) -> None:
    caller, _, (first, second, *_) = await door.with_second_factor()
    await door.signs_in(code=first.upper().replace("-", " "))
    with pytest.raises(BadCode):
        await door.signs_in(code=first)
    await door.signs_in(code=second)
    (home,) = caller.grants
    used = [event.data for event in door.world.events(home) if event.type == "recovery_code.used"]
    assert [data["left"] for data in used] == [9, 8]


async def test_of_twenty_who_send_a_recovery_code_at_once_one_is_let_in(door: FrontDoor) -> None:
    _, _, (code, *_) = await door.with_second_factor()
    ended = await asyncio.gather(*(door.signs_in(code=code) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(each, SignedIn) for each in ended) == 1


@pytest.mark.parametrize("code", ["", "000000", "12345", "x" * 10_000, "\ud800", "١٢٣٤٥٦"])
async def test_a_wrong_code_lets_nobody_in(door: FrontDoor, code: str) -> None:
    await door.with_second_factor()
    with pytest.raises(BadCode):
        await door.signs_in(code=code)


async def test_a_wrong_first_code_confirms_nothing(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    begun = await door.begin_second_factor(caller)
    for code in ("", "nonsense", f"{(int(door.code(begun.secret)) + 1) % 1_000_000:06d}"):
        with pytest.raises(Invalid) as refused:
            await door.confirm_second_factor(caller, code)
        assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/code", "bad_code")]
    await door.signs_in()


async def test_beginning_again_replaces_a_secret_that_waits_and_never_one_that_counts(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    first, second = await door.begin_second_factor(caller), await door.begin_second_factor(caller)
    with pytest.raises(Invalid):
        await door.confirm_second_factor(caller, door.code(first.secret))
    await door.confirm_second_factor(caller, door.code(second.secret))
    with pytest.raises(SecondFactorOn):
        await door.begin_second_factor(caller)
    with pytest.raises(SecondFactorOn):
        await door.confirm_second_factor(caller, door.code(second.secret))


async def test_there_is_nothing_to_confirm_remove_or_replace_before_it_was_begun(door: FrontDoor) -> None:
    caller = await door.caller(await door.verified())
    for pending in (False, True):
        if pending:
            await door.begin_second_factor(caller)
        else:
            with pytest.raises(NoSecondFactor):
                await door.confirm_second_factor(caller, "000000")
        with pytest.raises(NoSecondFactor):
            await door.remove_second_factor(caller, Proof(password=PASSWORD))
        with pytest.raises(NoSecondFactor):
            await door.replace_recovery_codes(caller, Proof(password=PASSWORD))


@pytest.mark.parametrize("by", ["password", "code", "recovery code"])
async def test_it_is_removed_with_a_password_or_a_code(door: FrontDoor, by: str) -> None:
    caller, app, (recovery, *_) = await door.with_second_factor()
    door.world.clock.advance(STEP)
    proofs = {"password": Proof(password=PASSWORD), "code": Proof(code=door.code(app))}
    await door.remove_second_factor(caller, proofs.get(by, Proof(code=recovery)))
    await door.signs_in()
    login = door.login(caller)
    assert (login.totp_secret, login.totp_confirmed_at, login.recovery_codes) == (None, None, ())
    assert door.happened("second_factor.removed") == 1


@pytest.mark.parametrize(
    ("proof", "pointer"),
    [
        (Proof(), ""),
        (Proof(password=PASSWORD, code="000000"), ""),
        (Proof(password="not their password"), "/password"),
        (Proof(code="000000"), "/code"),
    ],
)
async def test_an_open_session_alone_changes_nothing(door: FrontDoor, proof: Proof, pointer: str) -> None:
    caller, _, _ = await door.with_second_factor()
    before = door.login(caller)
    for change in (door.remove_second_factor, door.replace_recovery_codes):
        with pytest.raises(Invalid) as refused:
            await change(caller, proof)
        assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert door.login(caller) == before


async def test_new_recovery_codes_replace_the_former(door: FrontDoor) -> None:
    caller, _, (old, *_) = await door.with_second_factor()
    (new, *_) = (await door.replace_recovery_codes(caller, Proof(password=PASSWORD))).recovery_codes
    with pytest.raises(BadCode):
        await door.signs_in(code=old)
    await door.signs_in(code=new)
    assert door.happened("recovery_codes.replaced") == 1


async def test_guesses_at_codes_are_limited(door: FrontDoor) -> None:
    caller, _, _ = await door.with_second_factor()
    door.rate = Rate(3, 60)
    for _ in range(3):
        with pytest.raises(Invalid):
            await door.remove_second_factor(caller, Proof(code="000000"))
    with pytest.raises(Limited):
        await door.remove_second_factor(caller, Proof(password=PASSWORD))


async def test_ten_codes_an_hour_are_looked_at_however_many_may_sign_in(door: FrontDoor) -> None:
    _, app, codes = await door.with_second_factor()
    door.rate = Rate(1_000, 60)
    door.world.clock.advance(STEP)
    for _ in range(10):
        with pytest.raises(CodeRequired):
            await door.signs_in()
        with pytest.raises(BadCode):
            await door.signs_in(code="000000")
    for code in (door.code(app), codes[0]):
        with pytest.raises(Limited) as limited:
            await door.signs_in(code=code)
        assert 3_500 < limited.value.retry_after <= 3_600


async def test_secrets_are_stored_sealed_and_for_their_user_alone(door: FrontDoor) -> None:
    caller, app, codes = await door.with_second_factor()
    login = door.login(caller)
    stored = repr((login.totp_secret, login.recovery_codes, login))
    assert not [secret for secret in (app, *codes) if secret in stored]
    assert not [secret for secret in (app, *codes) if secret in str(door.world.store.activity)]


async def test_who_never_set_anything_up_has_nothing_to_remove(door: FrontDoor) -> None:
    owner, _ = await door.world.ensure_owner(EMAIL, "Ada")
    with pytest.raises(NoSecondFactor):
        await door.remove_second_factor(replace(owner, own=ACCOUNT), Proof(password=PASSWORD))


async def test_only_users_have_one(door: FrontDoor) -> None:
    visit = await door.world.visit()
    with pytest.raises(NotFound):
        await door.begin_second_factor(visit.caller)
