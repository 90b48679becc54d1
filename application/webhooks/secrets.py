"""The signing secrets of webhooks, as they are stored."""

from collections.abc import Sequence
from datetime import datetime

from application.ports.secret_box import SecretBox
from domain.ids import WorkspaceId
from domain.webhooks import SigningSecret, Webhook


def sealed(box: SecretBox, workspace_id: WorkspaceId, secret: SigningSecret) -> bytes:
    """The secret of the workspace's webhook, for storage."""
    return box.seal(secret.key, purpose=_purpose(workspace_id))


def unsealed(box: SecretBox, webhook: Webhook, at: datetime) -> Sequence[SigningSecret]:
    """The secrets that sign at this moment, the present one first.

    Raises:
        UnsealError: they were sealed with another key of ours.
    """
    purpose = _purpose(webhook.workspace_id)
    return [SigningSecret(box.unseal(each, purpose=purpose)) for each in webhook.signing(at)]


def _purpose(workspace_id: WorkspaceId) -> str:
    return f"webhook:{workspace_id}"
