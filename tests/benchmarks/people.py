"""Many users, each with a key, a session and an identity of an issuer outside, and the tokens of some of them."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg

from domain.identity import CredentialKind, Token
from domain.ids import CredentialId, WorkspaceId
from tests.adapters.oidc.signing import CLERK, PARTY, session, token
from tests.benchmarks.stage import Stage

_USERS = b"""
insert into users (id, email, name, profile, preferences, administrator, version, created_at)
select md5('user' || n)::uuid, 'user-' || n || '@example.com', 'Somebody', o.profile, o.preferences, false, 1, now()
from generate_series(1, %(count)s::int) n, (select profile, preferences from users limit 1) o
"""
_MEMBERS = b"""
insert into members (workspace_id, user_id, role, joined_at)
select %(workspace_id)s, md5('user' || n)::uuid, 'viewer', now() from generate_series(1, %(count)s::int) n
"""
_CREDENTIALS = b"""
insert into credentials (id, kind, digest, workspace_id, user_id, name, permissions, created_at, expires_at, ends_at)
select md5(kind || n)::uuid, kind, sha256(convert_to(kind || n, 'UTF8')),
  case kind when 'key' then %(workspace_id)s::uuid end, md5('user' || n)::uuid, 'bench',
  case kind when 'key' then array['workspace:read'] else '{}' end, now(),
  case kind when 'session' then now() + interval '1 day' end,
  case kind when 'session' then now() + interval '9 days' end
from generate_series(1, %(count)s::int) n, unnest(array['key', 'session']) kind
"""
_IDENTITIES = b"""
insert into identities (issuer, subject, user_id, created_at)
select %(issuer)s, 'user_' || n, md5('user' || n)::uuid, now() from generate_series(1, %(count)s::int) n
"""
_ANALYZE = b"analyze users, members, credentials, identities"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Those of the same users, by what they sign in with."""

    keys: Sequence[str]
    sessions: Sequence[str]
    jwts: Sequence[str]


async def crowd(stage: Stage, workspace_id: WorkspaceId, count: int, asking: int) -> Tokens:
    """So many new members of the workspace, of whom `asking`, spread over all, have their tokens here."""
    given = {"count": count, "workspace_id": workspace_id, "issuer": CLERK}
    async with await psycopg.AsyncConnection.connect(stage.database_url, autocommit=True) as connection:
        for statement in (_USERS, _MEMBERS, _CREDENTIALS, _IDENTITIES, _ANALYZE):
            await connection.execute(statement, given if b"%(" in statement else None)
    numbers = [1 + place * count // asking for place in range(asking)]
    return Tokens(
        keys=[_ours(CredentialKind.KEY, number) for number in numbers],
        sessions=[_ours(CredentialKind.SESSION, number) for number in numbers],
        jwts=[jwt(number) for number in numbers],
    )


def jwt(number: int, **more: object) -> str:
    """A session token of the issuer for the user of this number, good for an hour; `more` are claims of it."""
    now = int(time.time())
    return token(session(iss=CLERK, azp=PARTY, sub=f"user_{number}", iat=now, nbf=now, exp=now + 3600, **more))


def _ours(kind: CredentialKind, number: int) -> str:
    made_of = f"{kind}{number}"
    identifier = UUID(hex=hashlib.md5(made_of.encode(), usedforsecurity=False).hexdigest())
    return Token(kind, CredentialId(identifier), made_of).reveal()
