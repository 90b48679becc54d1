from dataclasses import dataclass

from application.ports.sealed_secrets import SealedSecrets
from application.ports.secret_box import SecretBox, UnsealError

_MOST_PASSES = 5


@dataclass(slots=True, kw_only=True)
class Rotation:
    """How many secrets there were of each kind.

    Attributes:
        renewed: sealed with an earlier key, and with the present one now. current: sealed with the present one before.
        lost: those that none of the keys opens.
    """

    renewed: int = 0
    current: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class RotateSecrets:
    """Seals all stored secrets with the present key, so that the earlier ones can be forgotten."""

    stored: SealedSecrets
    secret_box: SecretBox

    async def __call__(self) -> Rotation:
        """What was done; looked through again until nothing was left to do, since others store meanwhile."""
        first = latest = await self._once()
        total = first.renewed
        for _ in range(_MOST_PASSES):
            if not latest.renewed:
                break
            latest = await self._once()
            total += latest.renewed
        return Rotation(renewed=total, current=first.current, lost=latest.lost)

    async def _once(self) -> Rotation:
        found = Rotation()

        def renewed(sealed: bytes) -> bytes | None:
            try:
                form = self.secret_box.renewed(sealed)
            except UnsealError:
                found.lost += 1
                return None
            if form is None:
                found.current += 1
            else:
                found.renewed += 1
            return form

        await self.stored.renew(renewed)
        return found
