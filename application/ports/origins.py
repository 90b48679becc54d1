from typing import Protocol

from domain.ids import WorkspaceId


class Origins(Protocol):
    """Tells visitors apart by their addresses, without keeping any."""

    def of(self, address: str, workspace_id: WorkspaceId) -> bytes:
        """32 bytes: the same ones for the same address and workspace, others for others.

        They are made with a key of ours: nobody without it finds the address they stand for.
        """
        ...
