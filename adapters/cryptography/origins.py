from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from typing_extensions import override

from application.ports.origins import Origins
from domain.ids import WorkspaceId


class HmacOrigins(Origins):
    """HMAC-SHA-256 of workspace and address; the key is derived from `secret_key` by HKDF-SHA256 (RFC 5869).

    With another `secret_key` every visitor is a new one, and what they used that day is counted anew.
    """

    def __init__(self, secret_key: str) -> None:
        derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"flightdeck origins 1")
        self._key = derivation.derive(secret_key.encode())

    @override
    def of(self, address: str, workspace_id: WorkspaceId) -> bytes:
        code = HMAC(self._key, SHA256())
        code.update(workspace_id.bytes + address.encode())
        return code.finalize()
