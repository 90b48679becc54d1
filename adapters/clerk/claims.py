"""What Clerk's session tokens say beside the registered claims, in version 2 and in the one before, which has no `v`.

Organizations (`o`, before `org_id` and the like), plans and features open nothing here and are not looked at.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

Claims = Mapping[str, Any]

ALGORITHMS = frozenset({"RS256"})
"""What signs session tokens; others are not Clerk's."""

_VERSIONS = (1, 2)


def is_known_version(claims: Claims) -> bool:
    """Whether the claims mean what we think; a version to come may mean something else."""
    version: Any = claims.get("v", 1)
    return type(version) is int and version in _VERSIONS


def is_active(claims: Claims) -> bool:
    """Whether nothing is left to do before the session holds: one that is `pending` is not signed in yet."""
    return bool(claims.get("sts", "active") == "active")


def from_party(parties: Collection[str]) -> Callable[[Claims], bool]:
    """Whether the token was made for one of these origins (`azp`); one that names none could be anybody's."""
    known = frozenset(parties)

    def is_known(claims: Claims) -> bool:
        party: object = claims.get("azp")
        return isinstance(party, str) and party in known

    return is_known


def session_checks(parties: Collection[str]) -> Mapping[str, Callable[[Claims], bool]]:
    """What is asked of a session token's claims, by name."""
    return {"version": is_known_version, "active": is_active, "party": from_party(parties)}
