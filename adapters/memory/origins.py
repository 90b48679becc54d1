import hmac
import secrets

from typing_extensions import override

from application.ports.origins import Origins
from domain.ids import WorkspaceId


class MemoryOrigins(Origins):
    """HMAC-SHA-256 with a key that lives and dies with the process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    @override
    def of(self, address: str, workspace_id: WorkspaceId) -> bytes:
        return hmac.digest(self._key, workspace_id.bytes + address.encode(), "sha256")
