import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import NotFound
from domain.identity import (
    ONE_TIME_TOKEN_LIFE,
    Credential,
    Login,
    OneTimeToken,
    SessionLife,
    TokenPurpose,
    User,
    issue_key,
    issue_session,
    one_time_digest,
)
from domain.ids import OneTimeTokenId, UserId
from domain.pages import InvalidCursor
from tests.contracts.examples import Tenant, a_tenant, later
from tests.contracts.stores import Stores

VERIFY, RECOVER = TokenPurpose.VERIFY, TokenPurpose.RECOVER


def a_login(user: User, at: datetime) -> Login:
    return Login(
        user_id=user.id,
        password_hash="$hash$",
        totp_secret=b"\x00sealed",
        totp_confirmed_at=at,
        totp_last_step=2**33,
        recovery_codes=(b"\x01" * 32, b"\x02" * 32),
        changed_at=at,
    )


async def put(stores: Stores, login: Login) -> Login:
    async with stores.begin() as work:
        await work.logins.put(login)
        return await work.commit(login)


class LoginsContract:
    """Every `Logins`."""

    async def test_a_login_is_stored_as_it_was_and_replaced(self, stores: Stores) -> None:
        user = (await a_tenant(stores)).user
        full, bare = a_login(user, later(stores)), Login(user_id=user.id, changed_at=later(stores))
        for login in (bare, full, replace(full, recovery_codes=()), full.without_second_factor(later(stores)), bare):
            await put(stores, login)
            async with stores.begin() as work:
                assert await work.logins.lock(user.id) == login

    async def test_a_user_without_a_login_has_none_and_nobody_is_not_found(self, stores: Stores) -> None:
        user = (await a_tenant(stores)).user
        async with stores.begin() as work:
            assert await work.logins.lock(user.id) is None
            with pytest.raises(NotFound):
                await work.logins.lock(UserId(uuid4()))

    async def test_a_removed_login_is_gone(self, stores: Stores) -> None:
        user, other = (await a_tenant(stores)).user, (await a_tenant(stores)).user
        kept = await put(stores, a_login(other, later(stores)))
        await put(stores, a_login(user, later(stores)))
        for _ in range(2):
            async with stores.begin() as work:
                await work.logins.remove(user.id)
                await work.commit(None)
        async with stores.begin() as work:
            assert await work.logins.lock(user.id) is None
            assert await work.logins.lock(other.id) == kept

    @pytest.mark.parametrize("there", [False, True])
    async def test_of_ten_who_change_a_login_each_sees_what_the_one_before_left(
        self, stores: Stores, there: bool
    ) -> None:
        user = (await a_tenant(stores)).user
        if there:
            await put(stores, Login(user_id=user.id, totp_last_step=0, changed_at=later(stores)))

        async def count() -> None:
            async with stores.begin() as work:
                login = await work.logins.lock(user.id) or Login(user_id=user.id, changed_at=later(stores))
                await asyncio.sleep(0)
                await work.logins.put(login.took_step((login.totp_last_step or 0) + 1))
                await work.commit(None)

        await asyncio.gather(*(count() for _ in range(10)))
        async with stores.begin() as work:
            login = await work.logins.lock(user.id)
        assert login
        assert login.totp_last_step == 10

    async def test_whoever_saves_the_user_waits_for_the_login(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        order: list[str] = []

        async def save() -> None:
            async with stores.begin() as work:
                await work.users.save(replace(tenant.user, name="Eve"), because=tenant.edited(later(stores)))
                order.append("saved")
                await work.commit(None)

        async with stores.begin() as work:
            await work.logins.lock(tenant.user.id)
            saving = asyncio.create_task(save())
            await asyncio.sleep(0.05)  # time enough for one who does not wait
            order.append("unlocked")
        await saving
        assert order == ["unlocked", "saved"]


class AccountsContract:
    """Every `Accounts`."""

    async def test_a_user_is_found_with_their_login_by_email_in_any_case_and_by_id(self, stores: Stores) -> None:
        user = (await a_tenant(stores)).user
        login = await put(stores, a_login(user, later(stores)))
        for account in (
            await stores.accounts.by_email((user.email or "").upper()),
            await stores.accounts.by_id(user.id),
        ):
            assert account
            assert (account.user, account.login, account.password_hash) == (user, login, "$hash$")

    async def test_a_user_without_a_login_is_found_without(self, stores: Stores) -> None:
        user = (await a_tenant(stores)).user
        account = await stores.accounts.by_email(user.email or "")
        assert account
        assert (account.user, account.login, account.password_hash) == (user, None, None)

    async def test_nobody_is_none(self, stores: Stores) -> None:
        assert await stores.accounts.by_email(f"{uuid4().hex}@example.com") is None
        assert await stores.accounts.by_email("") is None
        assert await stores.accounts.by_id(UserId(uuid4())) is None

    async def test_no_password_lets_a_deactivated_user_in(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        await put(stores, a_login(tenant.user, later(stores)))
        async with stores.begin() as work:
            gone = replace(tenant.user, deactivated_at=later(stores))
            await work.users.save(gone, because=tenant.edited(later(stores)))
            await work.commit(None)
        account = await stores.accounts.by_email(tenant.user.email or "")
        assert account
        assert account.login
        assert account.password_hash is None


def to_verify(stores: Stores, email: str) -> tuple[OneTimeToken, str]:
    return OneTimeToken.to_verify(email, b"sealed", later(stores))


def an_email() -> str:
    return f"{uuid4().hex}@example.com"


async def stored(stores: Stores, *tokens: OneTimeToken) -> None:
    async with stores.begin() as work:
        for token in tokens:
            await work.one_time_tokens.add(token)
        await work.commit(None)


async def take(stores: Stores, purpose: TokenPurpose, secret: str, at: datetime | None = None) -> OneTimeToken | None:
    async with stores.begin() as work:
        taken = await work.one_time_tokens.take(purpose, one_time_digest(secret), at or later(stores))
        return await work.commit(taken)


class OneTimeTokensContract:
    """Every `OneTimeTokens`."""

    async def test_a_token_is_stored_as_it_was_and_taken_once(self, stores: Stores) -> None:
        user = (await a_tenant(stores)).user
        verify = to_verify(stores, an_email())
        recover = OneTimeToken.to_recover(user.id, user.email or "", later(stores))
        await stored(stores, verify[0], recover[0])
        for token, secret in (verify, recover):
            async with stores.begin() as work:
                assert await work.one_time_tokens.get(token.id) == token
            assert await take(stores, token.purpose, secret) == token
            assert await take(stores, token.purpose, secret) is None
            async with stores.begin() as work:
                assert await work.one_time_tokens.get(token.id) is None

    async def test_a_token_serves_its_purpose_alone_and_until_it_expires(self, stores: Stores) -> None:
        token, secret = to_verify(stores, an_email())
        await stored(stores, token)
        end = token.created_at + ONE_TIME_TOKEN_LIFE
        assert await take(stores, RECOVER, secret) is None
        assert await take(stores, VERIFY, f"{secret}x") is None
        assert await take(stores, VERIFY, secret, end) is None
        assert await take(stores, VERIFY, secret, end - timedelta(microseconds=1)) == token

    async def test_a_token_taken_by_a_unit_that_is_undone_is_still_there(self, stores: Stores) -> None:
        token, secret = to_verify(stores, an_email())
        await stored(stores, token)
        async with stores.begin() as work:
            assert await work.one_time_tokens.take(VERIFY, token.digest, later(stores)) == token
        assert await take(stores, VERIFY, secret) == token

    async def test_of_twenty_who_take_it_at_once_one_gets_it(self, stores: Stores) -> None:
        token, secret = to_verify(stores, an_email())
        await stored(stores, token)
        taken = await asyncio.gather(*(take(stores, VERIFY, secret) for _ in range(20)))
        assert [each for each in taken if each] == [token]

    async def test_tokens_are_removed_by_id_or_all_of_an_address(self, stores: Stores) -> None:
        email = an_email()
        tokens = [to_verify(stores, email)[0] for _ in range(3)]
        other, _ = to_verify(stores, an_email())
        await stored(stores, *tokens, other)
        async with stores.begin() as work:
            await work.one_time_tokens.remove(tokens[0].id)
            await work.one_time_tokens.remove(OneTimeTokenId(uuid4()))
            assert await work.one_time_tokens.remove_all(email.upper()) == 2
            assert await work.one_time_tokens.remove_all(email) == 0
            await work.commit(None)
        async with stores.begin() as work:
            found = [await work.one_time_tokens.get(token.id) for token in (*tokens, other)]
        assert found == [None, None, None, other]


class OneTimeTokenLogContract:
    """Every `OneTimeTokenLog`."""

    async def test_a_token_is_found_as_it_would_be_taken(self, stores: Stores) -> None:
        token, _ = to_verify(stores, an_email())
        await stored(stores, token)
        log, at = stores.one_time_tokens, later(stores)
        assert await log.find(VERIFY, token.digest, at) == token
        assert await log.find(RECOVER, token.digest, at) is None
        assert await log.find(VERIFY, bytes(32), at) is None
        assert await log.find(VERIFY, token.digest, token.expires_at) is None

    async def test_what_has_expired_is_forgotten_and_nothing_else(self, stores: Stores) -> None:
        old, young = to_verify(stores, an_email())[0], to_verify(stores, an_email())[0]
        await stored(stores, old, young)
        assert await stores.one_time_tokens.purge(old.expires_at) >= 1
        async with stores.begin() as work:
            assert await work.one_time_tokens.get(old.id) is None
            assert await work.one_time_tokens.get(young.id) == young


class SessionLogContract:
    """Every `SessionLog`."""

    async def test_sessions_are_forgotten_a_while_after_their_end_and_nothing_else_is(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        life, short = SessionLife(), SessionLife(idle=timedelta(0))
        kept = [
            issue_session(tenant.user.id, "open", later(stores), life)[0],
            issue_key(tenant.user, tenant.id, "a key", later(stores), expires_at=later(stores))[0],
        ]
        over = [
            issue_session(tenant.user.id, "expired", later(stores), short)[0],
            issue_session(tenant.user.id, "ended", later(stores), life)[0].revoked(later(stores)),
        ]
        before = later(stores)
        kept.append(issue_session(tenant.user.id, "over just now", later(stores), short)[0])
        async with stores.begin() as work:
            for credential in (*kept, *over):
                await work.credentials.add(credential, because=tenant.edited(later(stores)))
            await work.commit(None)
        assert await stores.session_log.purge(before) >= 2
        async with stores.begin() as work:
            assert [await work.credentials.lock(credential.id) for credential in kept] == kept
            for credential in over:
                with pytest.raises(NotFound):
                    await work.credentials.lock(credential.id)


class SessionViewsContract:
    """Every `SessionViews`."""

    async def _begun(self, stores: Stores, tenant: Tenant, *sessions: Credential) -> Sequence[Credential]:
        async with stores.begin() as work:
            for session in sessions:
                await work.credentials.add(session, because=tenant.edited(later(stores)))
            return await work.commit(sessions)

    async def test_a_users_sessions_that_hold_are_listed_newest_first(self, stores: Stores) -> None:
        tenant, other = await a_tenant(stores), await a_tenant(stores)
        life = SessionLife()
        mine = [issue_session(tenant.user.id, f"Firefox {n}", later(stores), life)[0] for n in range(5)]
        ended = issue_session(tenant.user.id, "ended", later(stores), life)[0].revoked(later(stores))
        over = issue_session(tenant.user.id, "over", later(stores), SessionLife(idle=timedelta(0)))[0]
        key, _ = issue_key(tenant.user, tenant.id, "laptop", later(stores))
        theirs, _ = issue_session(other.user.id, "Firefox", later(stores), life)
        await self._begun(stores, tenant, *mine, ended, over, key, theirs)

        cursor, found = None, list[list[str]]()
        while True:
            page = await stores.sessions.sessions(tenant.user.id, later(stores), cursor, 2)
            found.append([session.client for session in page.items])
            if (cursor := page.next_cursor) is None:
                break
        assert found == [["Firefox 4", "Firefox 3"], ["Firefox 2", "Firefox 1"], ["Firefox 0"]]

    async def test_a_session_shows_when_it_began_was_used_and_ends(self, stores: Stores) -> None:
        tenant = await a_tenant(stores)
        session, _ = issue_session(tenant.user.id, "Firefox", later(stores), SessionLife())
        await self._begun(stores, tenant, session)
        (seen,) = (await stores.sessions.sessions(tenant.user.id, later(stores), None, 25)).items
        shown = (seen.id, seen.client, seen.created_at, seen.last_used_at, seen.expires_at, seen.current)
        assert shown == (
            session.id,
            "Firefox",
            session.created_at,
            session.last_used_at,
            session.expires_at,
            False,
        )

    async def test_a_wrong_cursor_is_refused(self, stores: Stores) -> None:
        with pytest.raises(InvalidCursor):
            await stores.sessions.sessions(UserId(uuid4()), later(stores), "nonsense", 25)
