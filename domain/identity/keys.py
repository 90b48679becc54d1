from collections.abc import Collection
from datetime import datetime

from domain.errors import Fault, Invalid, Unauthenticated
from domain.identity.credentials import Credential
from domain.permissions import KEY_PERMISSIONS, Holder, Permission, permissions_of
from domain.text import text

OF_A_WORKSPACE = KEY_PERMISSIONS & permissions_of(Holder.OWNER)
"""What a key of one workspace may be given: nothing of its user's account, and nothing of the instance."""


def check_key(
    name: str, permissions: Collection[Permission], expires_at: datetime | None, at: datetime
) -> tuple[str, frozenset[Permission]]:
    """The name and the permissions of a key of a workspace.

    Raises:
        Invalid: the name is missing or too long, there is no permission or one that no such key has, or it would expire
            before `at`.
    """
    faults: list[Fault] = []
    unfit = sorted(set(permissions) - OF_A_WORKSPACE)
    if unfit:
        faults.append(Fault("/permissions", "unknown_permission", f"A workspace's key cannot have '{unfit[0]}'."))
    if not permissions:
        faults.append(Fault("/permissions", "too_short", "A key needs at least one permission."))
    if expires_at is not None and expires_at <= at:
        faults.append(Fault("/expires_at", "in_the_past", "A key expires in the future, or never (null)."))
    if faults:
        raise Invalid(*faults)
    return text(name, at="/name", least=1, most=100), frozenset(permissions)


def check_maker(maker: Credential, expires_at: datetime | None, at: datetime) -> None:
    """Nothing, when a key that opens until then may be made with the key `maker`.

    Raises:
        Unauthenticated: `maker` opens nothing any more.
        Invalid: it would be outlived, so that whoever finds it could keep what it opens.
    """
    if not maker.holds(at):
        raise Unauthenticated
    if maker.expires_at is not None and (expires_at is None or expires_at > maker.expires_at):
        raise Invalid(Fault("/expires_at", "too_late", "A key that was made with a key expires no later than that."))
