from typing import Any

from sqlalchemy import BindParameter, bindparam, select, union_all
from typing_extensions import override

from adapters.postgres.rows import Mapped
from adapters.postgres.statements import Database, Statement, constant
from adapters.postgres.tables import blobs, users, workspaces
from application.ports.pictures import PictureViews
from domain.blobs import Blob, BlobStatus

_BLOBS = Mapped(Blob, blobs)
_digest: BindParameter[Any] = bindparam("digest")
_shown = union_all(
    select(users.c.avatar_blob_id).where(users.c.avatar_digest == _digest),
    select(workspaces.c.image_blob_id).where(workspaces.c.image_digest == _digest),
)
_PICTURE = Statement(
    _BLOBS.select().where(blobs.c.id.in_(_shown), blobs.c.status == constant(BlobStatus.KEPT)).limit(1), _BLOBS.make
)


class PostgresPictureViews(PictureViews):
    """Pictures, straight from the rows that show them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def picture(self, digest: bytes) -> Blob | None:
        return await self._database.one(_PICTURE, digest=digest)
