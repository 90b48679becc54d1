from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.pictures import PictureViews
from domain.blobs import Blob


class MemoryPictureViews(PictureViews):
    """Pictures that committed users and workspaces show."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def picture(self, digest: bytes) -> Blob | None:
        avatars = [user.avatar for user in self._store.users.rows.values()]
        images = [workspace.image for workspace in self._store.workspaces.rows.values()]
        shown = [picture for picture in (*avatars, *images) if picture is not None and picture.digest == digest]
        kept = (row.kept for picture in shown if (row := self._store.blobs.rows.get(picture.blob_id)))
        return next((blob for blob in kept if blob is not None), None)
