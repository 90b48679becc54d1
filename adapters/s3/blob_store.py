from collections.abc import AsyncGenerator, AsyncIterable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from obstore.exceptions import BaseError
from obstore.store import S3Store
from typing_extensions import override

from application.ports.blob_store import PIECE, BlobStore
from domain.blobs import BlobLost
from domain.errors import Unavailable
from domain.ids import BlobId

if TYPE_CHECKING:
    from obstore.store import S3Config

_PART = 8 * 1024 * 1024  # bytes of a part: what is shorter is sent in one request
_PARTS_AT_ONCE = 2
_PREFIX = "blobs"


class S3BlobStore(BlobStore):
    """Bytes as objects `blobs/<id>` of a bucket, of Amazon's or of any server that speaks as S3.

    What a crash leaves of an upload in parts is no object and cannot be found by its id: have a lifecycle rule of the
    bucket abort incomplete multipart uploads after a day.
    """

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        patience: timedelta = timedelta(seconds=15),
    ) -> None:
        """Without `endpoint` Amazon's own; without keys those of the machine's role, as Amazon's tools find them.

        `patience` is how long a silent server is waited for, and tried again after an error.
        """
        given = {"endpoint": endpoint, "region": region, "access_key_id": access_key, "secret_access_key": secret_key}
        self._store = S3Store(
            bucket,
            prefix=_PREFIX,
            config=cast("S3Config", {name: value for name, value in given.items() if value is not None}),
            client_options={
                "allow_http": endpoint is not None and endpoint.startswith("http://"),
                "connect_timeout": min(patience, timedelta(seconds=5)),
                "read_timeout": patience,
                "timeout": timedelta(days=1),  # of a whole request, which for a large blob may take long
            },
            retry_config={"max_retries": 3, "retry_timeout": patience},
        )

    @override
    async def write(self, blob_id: BlobId, chunks: AsyncIterable[bytes]) -> None:
        source = _Source(chunks)
        first = await source.next_part()
        try:
            with _told():
                await self._put(blob_id, first, source)
        except Unavailable:
            if source.failure is not None:
                raise source.failure from None
            raise

    @override
    async def read(self, blob_id: BlobId) -> AsyncGenerator[bytes, None]:
        with _told():
            try:
                found = await self._store.get_async(blob_id.hex)
            except FileNotFoundError:
                raise BlobLost from None
            async for chunk in found.stream(min_chunk_size=PIECE):
                for start in range(0, len(chunk), PIECE):
                    yield bytes(chunk[start : start + PIECE])

    @override
    async def delete(self, blob_id: BlobId) -> None:
        with _told():
            await self._store.delete_async(blob_id.hex)

    async def _put(self, blob_id: BlobId, first: bytes, source: "_Source") -> None:
        if len(first) < _PART:
            await self._store.put_async(blob_id.hex, first, use_multipart=False)
            return
        parts = source.parts(first)
        await self._store.put_async(blob_id.hex, parts, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)


class _Source:
    """What is to be written, in parts.

    Attributes:
        failure: what it raised: the client wraps that into an error of its own.
    """

    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self.failure: BaseException | None = None
        self._chunks = aiter(chunks)

    async def next_part(self) -> bytes:
        """`_PART` bytes or a few more; fewer at the end."""
        part = bytearray()
        async for chunk in self._chunks:
            part += chunk
            if len(part) >= _PART:
                break
        return bytes(part)

    async def parts(self, first: bytes) -> AsyncGenerator[bytes, None]:
        try:
            part = first
            while part:
                yield part
                part = await self.next_part()
        except BaseException as failure:
            self.failure = failure
            raise


@contextmanager
def _told() -> Generator[None, None, None]:
    """What the client raises, as what it means."""
    try:
        yield
    except (BaseError, OSError) as error:  # of which the client makes use for what is not there
        # Its sentence may quote the server's whole answer: for the log, not for the caller.
        raise Unavailable from error
