"""How a user proves by themselves who they are: a password, and a second factor if they want one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.errors import Conflict, Unauthenticated
from domain.ids import UserId
from domain.passwords import PASSWORD_LENGTHS, normal_password


class BadCredentials(Unauthenticated):
    """The e-mail is nobody's, the password is wrong, or the user may not sign in; which of these is never told."""

    code = "bad_credentials"
    detail = "E-mail and password do not belong together."


class CodeRequired(Unauthenticated):
    """The password is right, and the user has a second factor."""

    code = "code_required"
    detail = "Send the code of your authenticator app, or a recovery code, as 'code'."


class BadCode(Unauthenticated):
    """The code is wrong, or was used before."""

    code = "bad_code"
    detail = "This code is wrong or was used before. Wait for the next one."


class SecondFactorOn(Conflict):
    """There is a second factor already."""

    code = "second_factor_on"
    detail = "There is a second factor already. Remove it first."


class NoSecondFactor(Conflict):
    """There is no second factor, or none that waits to be confirmed."""

    code = "no_second_factor"
    detail = "There is no second factor. Begin one first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What is stored of it.

    Attributes:
        password_hash: as `PasswordHasher` makes it; None while no password is set.
        totp_secret: sealed; None without a second factor.
        totp_confirmed_at: since when the second factor is asked for; None while it waits for its first code.
        totp_last_step: the time step of the last code that was taken: no code of it, or before it, is taken again.
        recovery_codes: the digests of those that are left.
    """

    user_id: UserId
    password_hash: str | None = field(default=None, repr=False)
    totp_secret: bytes | None = field(default=None, repr=False)
    totp_confirmed_at: datetime | None = None
    totp_last_step: int | None = None
    recovery_codes: tuple[bytes, ...] = field(default=(), repr=False)
    changed_at: datetime

    @property
    def has_second_factor(self) -> bool:
        """Whether a code is asked for."""
        return self.totp_confirmed_at is not None

    def rehashed(self, password_hash: str) -> Self:
        """The login with the same password, hashed as is done today."""
        return replace(self, password_hash=password_hash)

    def with_password(self, password_hash: str, at: datetime) -> Self:
        """The login with this password."""
        return replace(self, password_hash=password_hash, changed_at=at)

    def with_secret(self, sealed: bytes, at: datetime) -> Self:
        """The login with a second factor that waits for its first code, instead of one that waited before.

        Raises:
            SecondFactorOn: there is one already.
        """
        if self.has_second_factor:
            raise SecondFactorOn
        return replace(self, totp_secret=sealed, totp_last_step=None, changed_at=at)

    def waiting_secret(self) -> bytes:
        """The sealed secret that waits for its first code.

        Raises:
            SecondFactorOn: it has had it. NoSecondFactor: there is none.
        """
        if self.has_second_factor:
            raise SecondFactorOn
        if self.totp_secret is None:
            raise NoSecondFactor
        return self.totp_secret

    def confirmed(self, step: int, recovery_codes: Sequence[bytes], at: datetime) -> Self:
        """The login whose second factor is asked for from now on; its first code was of this time step."""
        return replace(
            self,
            totp_confirmed_at=at,
            totp_last_step=step,
            recovery_codes=tuple(recovery_codes),
            changed_at=at,
        )

    def must_have_second_factor(self) -> None:
        """Nothing, when there is one.

        Raises:
            NoSecondFactor: there is none.
        """
        if not self.has_second_factor:
            raise NoSecondFactor

    def with_recovery_codes(self, digests: Sequence[bytes], at: datetime) -> Self:
        """The login with these recovery codes and no others."""
        return replace(self, recovery_codes=tuple(digests), changed_at=at)

    def without_second_factor(self, at: datetime) -> Self:
        """The login that its password alone opens."""
        return replace(
            self, totp_secret=None, totp_confirmed_at=None, totp_last_step=None, recovery_codes=(), changed_at=at
        )

    def took_step(self, step: int) -> Self:
        """The login after a code of this time step was taken."""
        return replace(self, totp_last_step=step)

    def took_recovery_code(self, digest: bytes) -> Self:
        """The login without the recovery code that was used."""
        return replace(self, recovery_codes=tuple(each for each in self.recovery_codes if each != digest))


def typed_password(text: str) -> str:
    """A password that was sent to sign in with, as it is compared; of a longer one than any, so much as fits none."""
    most = PASSWORD_LENGTHS[1]
    return normal_password(text[: most * 4 + 1])[: most + 1]
