"""What looks after a database as a whole, and the box that tells whether a secret key is the one that sealed."""

from collections.abc import Sequence

from adapters.cryptography.secret_box import AesSecretBox
from adapters.postgres.archive import Archive
from adapters.postgres.dump import Contents, dumping
from adapters.postgres.restore import Restoration
from adapters.redis.forget import forget_runs
from application.ports.secret_box import SecretBox


def box(secret_key: str, previous: Sequence[str] = ()) -> SecretBox:
    """What seals with this key, and opens what the previous ones sealed, too."""
    return AesSecretBox(secret_key, previous)


__all__ = ["Archive", "Contents", "Restoration", "box", "dumping", "forget_runs"]
