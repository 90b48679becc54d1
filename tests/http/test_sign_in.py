"""Signing up, in and out over HTTP, with what is mailed read from the jobs' own letters."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from dependency_injector.providers import Object

from adapters.memory.mailer import MemoryMailer
from adapters.memory.one_time_passwords import MemoryOneTimePasswords
from domain.access import Role
from domain.ids import WorkspaceId
from domain.workspaces import Invite, WorkspaceEdited
from domain.workspaces.invites import InviteToken
from entrypoints.supervisor.embedded import Urls
from tests.databases import new_database
from tests.http.system import Member, System, problem, secret_of, settings_for, started

API = "/api/v1/auth"
PASSWORD = "a rather long password"
NEW = "another long password"
PLAIN = "planted in nothing"


@dataclass(frozen=True, slots=True)
class Mailed:
    """An instance with a database, a worker and an inbox of its own."""

    system: System
    inbox: MemoryMailer = field(default_factory=MemoryMailer)

    async def post(self, path: str, bearer: str | None = None, **body: Any) -> httpx.Response:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        return await self.system.client.post(f"{API}{path}", json=body, headers=headers)

    async def letter(self, to: str, number: int = 1) -> str:
        """The text of the letter with this number that went to the address."""
        async with asyncio.timeout(20):
            while True:
                texts = [letter.text for letter in self.inbox.sent if letter.to == to]
                if len(texts) >= number:
                    return texts[number - 1]
                await asyncio.sleep(0.02)

    async def signed_up(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        """A new user's session."""
        (await self.post("/signup", email=email, password=password, name="Ada")).raise_for_status()
        answer = await self.post("/email/verify", token=token_in(await self.letter(email)))
        answer.raise_for_status()
        session: dict[str, Any] = answer.json()
        return session

    async def me(self, token: str) -> int:
        """The status with which the token's owner is told who they are."""
        headers = {"Authorization": f"Bearer {token}"}
        return (await self.system.client.get("/api/v1/users/me", headers=headers)).status_code


def token_in(letter: str) -> str:
    return letter.partition("#token=")[2].split()[0]


def an_email() -> str:
    return f"{uuid4().hex}@example.com"


@pytest.fixture(scope="module")
async def mailed(servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mailed]:
    async with new_database(servers) as url:
        settings = settings_for(url, servers.redis, tmp_path_factory.mktemp("mailed"))
        async with started(settings) as system:
            made = Mailed(system)
            ports: Any = system.container.ports
            ports.mailer.override(Object(made.inbox))
            yield made


async def test_a_newcomer_signs_up_by_mail_and_works_in_their_workspace(mailed: Mailed) -> None:
    email = an_email()
    begun = await mailed.post("/signup", email=email.upper(), password=PASSWORD, name="Ada")
    assert (begun.status_code, begun.json()) == (201, {"email": email})
    assert begun.headers["cache-control"] == "no-store"
    answer = await mailed.post("/email/verify", token=token_in(await mailed.letter(email)))
    session = answer.json()
    assert (answer.status_code, sorted(session)) == (200, ["expires_at", "token", "user"])
    assert (session["user"]["email"], session["user"]["name"]) == (email, "Ada")

    headers = {"Authorization": f"Bearer {session['token']}"}
    workspace = (await mailed.system.client.get("/api/v1/workspaces/me", headers=headers)).json()
    path = f"/api/v1/workspaces/{workspace['id']}"
    made = await mailed.system.client.post(f"{path}/services", json={"name": "Portrait"}, headers=headers)
    activity = await mailed.system.client.get(f"{path}/activity", headers=headers)
    assert made.status_code == 201
    assert [event["type"] for event in activity.json()["items"]][-2:] == ["session.started", "workspace.created"]


async def test_a_user_signs_in_looks_at_their_sessions_and_signs_out(mailed: Mailed) -> None:
    email = an_email()
    first = await mailed.signed_up(email)
    answer = await mailed.post("/login", email=email, password=PASSWORD)
    token = answer.json()["token"]
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")

    api = await mailed.system.bearing(token)
    listed = (await api.get(f"{API}/sessions", params={"limit": 1})).json()
    rest = (await api.get(f"{API}/sessions", params={"cursor": listed["next_cursor"]})).json()
    (mine,), (other,) = listed["items"], rest["items"]
    assert (mine["current"], other["current"], mine["client"][:12]) == (True, False, "python-httpx")

    assert (await api.delete(f"{API}/sessions/{other['id']}")).status_code == 204
    assert await mailed.me(first["token"]) == 401
    assert (await api.post(f"{API}/logout")).status_code == 204
    assert await mailed.me(token) == 401


async def test_signing_out_everywhere_ends_this_session_too(mailed: Mailed) -> None:
    email = an_email()
    tokens = [(await mailed.signed_up(email))["token"]]
    tokens.append((await mailed.post("/login", email=email, password=PASSWORD)).json()["token"])
    assert (await mailed.post("/logout-all", tokens[0])).status_code == 204
    assert [await mailed.me(token) for token in tokens] == [401, 401]


def told(answer: httpx.Response) -> tuple[int, Mapping[str, str], Any]:
    """All that a stranger could tell two answers apart by, but for the id and the second of each."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
    body: dict[str, Any] = answer.json() if answer.content else {}
    body.pop("request_id", None)
    return answer.status_code, headers, body


async def test_answers_do_not_tell_who_is_a_user(mailed: Mailed) -> None:
    known, unknown = an_email(), an_email()
    await mailed.signed_up(known)
    for path, body in {
        "/login": {"password": "not the password"},
        "/password/forgot": {},
        "/signup": {"password": PASSWORD, "name": "Eve"},
    }.items():
        first, second = [told(await mailed.post(path, email=email, **body)) for email in (known, unknown)]
        assert str(first).replace(known, unknown) == str(second)
    problem(await mailed.post("/login", email=unknown, password=PASSWORD), 401, "bad_credentials")


async def test_whoever_signs_up_with_a_users_address_tells_them_so(mailed: Mailed) -> None:
    email = an_email()
    await mailed.signed_up(email)
    await mailed.post("/signup", email=email, password=NEW, name="Eve")
    second = await mailed.letter(email, 2)
    assert "#token=" not in second
    assert "/sign-in" in second


async def test_a_forgotten_password_is_set_by_mail_and_every_session_ends(mailed: Mailed) -> None:
    email = an_email()
    before = await mailed.signed_up(email)
    assert (await mailed.post("/password/forgot", email=email)).status_code == 202
    token = token_in(await mailed.letter(email, 2))
    tries = [mailed.post("/password/reset", token=token, password=NEW) for _ in range(20)]
    answers = await asyncio.gather(*tries)
    (good,) = [answer for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer is not good:
            problem(answer, 410, "link_expired")
    assert await mailed.me(before["token"]) == 401
    assert await mailed.me(good.json()["token"]) == 200
    problem(await mailed.post("/login", email=email, password=PASSWORD), 401, "bad_credentials")
    assert (await mailed.post("/login", email=email, password=NEW)).status_code == 200


async def test_of_twenty_who_open_a_link_at_once_one_becomes_the_user(mailed: Mailed) -> None:
    email = an_email()
    await mailed.post("/signup", email=email, password=PASSWORD, name="Ada")
    token = token_in(await mailed.letter(email))
    answers = await asyncio.gather(*(mailed.post("/email/verify", token=token) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[410] * 19]


async def test_of_two_links_to_one_address_that_are_opened_at_once_one_counts(mailed: Mailed) -> None:
    email = an_email()
    for _ in range(2):
        await mailed.post("/signup", email=email, password=PASSWORD, name="Ada")
    links = [token_in(await mailed.letter(email, number)) for number in (1, 2)]
    answers = await asyncio.gather(*(mailed.post("/email/verify", token=token) for token in links))
    assert sorted(answer.status_code for answer in answers) == [200, 410]

    for _ in range(2):
        await mailed.post("/password/forgot", email=email)
    links = [token_in(await mailed.letter(email, number)) for number in (3, 4)]
    resets = (mailed.post("/password/reset", token=token, password=NEW) for token in links)
    assert sorted(answer.status_code for answer in await asyncio.gather(*resets)) == [200, 410]


async def test_links_die_after_48_hours(mailed: Mailed) -> None:
    email = an_email()
    await mailed.post("/signup", email=email, password=PASSWORD, name="Ada")
    token = token_in(await mailed.letter(email))
    await mailed.system.sql(
        "update one_time_tokens set expires_at = now() where email = %s"
        " and expires_at - created_at = interval '48 hours'",
        email,
    )
    problem(await mailed.post("/email/verify", token=token), 410, "link_expired")


async def test_a_session_that_is_over_opens_nothing(mailed: Mailed) -> None:
    session = await mailed.signed_up(an_email())
    assert await mailed.me(session["token"]) == 200
    user_id = session["user"]["id"]
    await mailed.system.sql("update credentials set expires_at = now() where user_id = %s", user_id)
    problem(await mailed.post("/logout", session["token"]), 401, "unauthenticated")


async def test_an_invite_makes_a_user_at_once_and_is_accepted_next(mailed: Mailed) -> None:
    email, owner = an_email(), await mailed.system.member()
    invite, token = await invited(mailed.system, owner, email)
    body = {"email": email, "password": PASSWORD, "name": "Ada", "invite": token.reveal()}
    problem(await mailed.post("/signup", **{**body, "email": an_email()}), 403, "other_email")
    answer = await mailed.post("/signup", **body)
    assert (answer.status_code, answer.json()["user"]["email"]) == (201, email)
    problem(await mailed.post("/signup", **body), 409, "email_taken")
    api = await mailed.system.bearing(answer.json()["token"])
    accepted = await api.post("/api/v1/invites/accept", json={"token": token.reveal()})
    assert accepted.is_success
    assert (await api.get(owner.path)).status_code == 200
    problem(await mailed.post("/signup", **{**body, "email": an_email()}), 410, "invite_expired")
    assert invite.email == email


async def invited(system: System, by: Member, email: str) -> tuple[Invite, InviteToken]:
    now, workspace_id = system.container.ports.clock().now(), WorkspaceId(UUID(by.workspace_id))
    invite, token = Invite.new(workspace_id, email, Role.MEMBER, by.user.id, now)
    edited = WorkspaceEdited(workspace_id=workspace_id, actor=by.user.actor, at=now, fields=("name",))
    async with system.container.ports.begin()() as work:
        await work.invites.add(invite, because=edited)
        return await work.commit((invite, token))


async def test_a_changed_password_leaves_this_session_alone(mailed: Mailed) -> None:
    email = an_email()
    other = (await mailed.signed_up(email))["token"]
    mine = (await mailed.post("/login", email=email, password=PASSWORD)).json()["token"]
    wrong = await mailed.post("/password/change", mine, current="not the password", new=NEW)
    assert [fault["pointer"] for fault in problem(wrong, 422, "invalid")["errors"]] == ["/current"]
    assert (await mailed.post("/password/change", mine, current=PASSWORD, new=NEW)).status_code == 204
    assert [await mailed.me(token) for token in (mine, other)] == [200, 401]
    assert (await mailed.post("/login", email=email, password=NEW)).status_code == 200


async def test_a_second_factor_is_set_up_asked_for_and_removed(mailed: Mailed) -> None:
    email, app = an_email(), MemoryOneTimePasswords()
    mine = (await mailed.signed_up(email))["token"]
    begun = (await mailed.post("/totp", mine)).json()
    assert begun["uri"].startswith("otpauth://totp/")
    now = mailed.system.container.ports.clock().now
    step = int(now().timestamp()) // 30
    confirmed = await mailed.post("/totp/confirm", mine, code=app.code(begun["secret"], step))
    codes: list[str] = confirmed.json()["recovery_codes"]

    login = {"email": email, "password": PASSWORD}
    problem(await mailed.post("/login", **login), 401, "code_required")
    problem(await mailed.post("/login", **login, code=app.code(begun["secret"], step)), 401, "bad_code")
    later = app.code(begun["secret"], step + 1)
    tries = await asyncio.gather(*(mailed.post("/login", **login, code=later) for _ in range(20)))
    assert sorted(answer.status_code for answer in tries) == [200, *[401] * 19]
    tries = await asyncio.gather(*(mailed.post("/login", **login, code=codes[0]) for _ in range(20)))
    assert sorted(answer.status_code for answer in tries) == [200, *[401] * 19]

    renewed = await mailed.post("/totp/recovery-codes", mine, password=PASSWORD)
    problem(await mailed.post("/login", **login, code=codes[1]), 401, "bad_code")
    headers = {"Authorization": f"Bearer {mine}"}
    proof = {"code": renewed.json()["recovery_codes"][0]}
    removed = await mailed.system.client.request("DELETE", f"{API}/totp", json=proof, headers=headers)
    assert removed.status_code == 204
    assert (await mailed.post("/login", **login)).status_code == 200


async def test_the_console_gives_an_owner_their_first_password(mailed: Mailed) -> None:
    path = await mailed.system.container.sign_in().give_recovery_link()(mailed.system.settings.owner_email)
    answer = await mailed.post("/password/reset", token=(path or "").partition("#token=")[2], password=NEW)
    assert answer.json()["user"]["email"] == mailed.system.settings.owner_email
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    workspace = (await mailed.system.client.get("/api/v1/workspaces/me", headers=headers)).json()
    assert workspace["handle"] == "harbour-studio"


async def test_an_owner_sets_their_first_password_with_their_token(mailed: Mailed) -> None:
    member = await mailed.system.member()
    changed = await member.api.post(f"{API}/password/change", json={"current": None, "new": NEW})
    assert changed.status_code == 204
    assert (await mailed.post("/login", email=member.user.email, password=NEW)).status_code == 200
    again = await member.api.post(f"{API}/password/change", json={"current": None, "new": PASSWORD})
    problem(again, 422, "invalid")


async def test_no_secret_is_stored_or_logged_in_the_clear(mailed: Mailed, capfd: pytest.CaptureFixture[str]) -> None:
    email, password = an_email(), f"{PLAIN} {uuid4().hex}"
    await mailed.post("/signup", email=email, password=password, name="Ada")
    link = token_in(await mailed.letter(email))
    secrets = [link]
    assert [await mailed.system.holders_of(secret) for secret in secrets] == [[]]
    session = (await mailed.post("/email/verify", token=link)).json()
    begun = (await mailed.post("/totp", session["token"])).json()
    await mailed.post("/password/forgot", email=email)
    secrets += [password, token_in(await mailed.letter(email, 2)), begun["secret"], secret_of(session["token"])]
    await mailed.post("/login", email=email, password=password)
    assert [await mailed.system.holders_of(secret) for secret in secrets] == [[]] * 5
    said = "".join(capfd.readouterr())
    assert "/api/v1/auth/login" in said
    assert [secret for secret in (*secrets, email) if secret in said] == []


async def test_a_body_larger_than_any_password_is_refused_unread(mailed: Mailed) -> None:
    answer = await mailed.post("/login", email=an_email(), password="x" * 20_000)
    problem(answer, 413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        {"email": 1, "password": PASSWORD},
        {"email": "a@b.c"},
        {"email": "a@b.c", "password": PASSWORD, "admin": True},
        {"email": "a@b.c", "password": None},
    ],
)
async def test_a_body_of_another_shape_is_named(mailed: Mailed, body: dict[str, Any]) -> None:
    answer = await mailed.system.client.post(f"{API}/login", json=body)
    assert answer.status_code == 422


@pytest.fixture(scope="module")
async def limited(servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """Another instance, which limits, on a database of its own; it takes invites alone."""
    async with new_database(servers) as url:
        limits = {"LIMIT_SIGN_IN": "4/minute", "LIMIT_PUBLIC_WRITES": "9/minute", "SIGNUP": "invite"}
        settings = settings_for(url, servers.redis, tmp_path_factory.mktemp("limited"), **limits)
        async with started(settings, worker=False) as system:
            yield system


async def from_address(limited: System, address: str) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(local_address=address)
    client = httpx.AsyncClient(base_url=limited.base_url, transport=transport, timeout=20)
    return await limited.clients.enter_async_context(client)


async def test_tries_are_limited_by_address_and_by_account(limited: System) -> None:
    email = an_email()
    one, other = await from_address(limited, "127.1.0.1"), await from_address(limited, "127.1.0.2")
    body = {"email": email, "password": PASSWORD}
    answers = [await one.post(f"{API}/login", json={**body, "email": an_email()}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    answers = [await other.post(f"{API}/login", json=body) for _ in range(4)]
    assert {answer.status_code for answer in answers} == {401}
    third = await from_address(limited, "127.1.0.3")
    problem(await third.post(f"{API}/login", json=body), 429, "limited")
    problem(await third.post(f"{API}/password/forgot", json={"email": email}), 429, "limited")


async def test_they_count_as_public_writes(limited: System) -> None:
    client = await from_address(limited, "127.1.1.1")
    statuses = [(await client.post(f"{API}/login", json={})).status_code for _ in range(10)]
    assert statuses == [*[422] * 9, 429]


async def test_without_an_invite_nobody_signs_up_where_it_takes_one(limited: System) -> None:
    client = await from_address(limited, "127.1.2.1")
    body = {"email": an_email(), "password": PASSWORD, "name": "Ada"}
    problem(await client.post(f"{API}/signup", json=body), 403, "signup_by_invite")
    problem(await client.post(f"{API}/signup", json={**body, "invite": "none"}), 410, "invite_expired")


async def test_where_users_sign_in_elsewhere_these_routes_say_so(
    system: System, servers: Urls, tmp_path_factory: pytest.TempPathFactory
) -> None:
    issuer = {"OIDC_ISSUER": "https://issuer.example", "OIDC_AUDIENCE": "flightdeck"}
    home, url = tmp_path_factory.mktemp("elsewhere"), str(system.settings.database_url)
    settings = settings_for(url, servers.redis, home, AUTH_MODE="oidc", **issuer)
    async with started(settings, worker=False) as elsewhere:
        body = {"email": an_email(), "password": PASSWORD}
        problem(await elsewhere.client.post(f"{API}/login", json=body), 404, "local_sign_in_off")
        problem(await elsewhere.owner.get(f"{API}/sessions"), 404, "local_sign_in_off")
        problem(await elsewhere.client.get(f"{API}/sessions"), 401, "unauthenticated")
        path = await elsewhere.container.sign_in().give_recovery_link()(settings.owner_email)
        secret = (path or "").partition("#token=")[2]
        reset = {"token": secret, "password": NEW}
        session = (await system.client.post(f"{API}/password/reset", json=reset)).json()["token"]
        headers = {"Authorization": f"Bearer {session}"}
        assert (await system.client.get("/api/v1/users/me", headers=headers)).status_code == 200
        problem(await elsewhere.client.get("/api/v1/users/me", headers=headers), 401, "unauthenticated")
