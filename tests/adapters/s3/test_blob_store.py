from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.s3.blob_store import S3BlobStore
from application.ports.blob_store import BlobStore
from domain.errors import Unavailable
from tests.contracts.blob_store import BlobStoreContract, SourceBroken, chunks, new_blob_id, pattern, read
from tests.wire.s3 import ACCESS_KEY, BUCKET, REGION, SECRET_KEY, S3Answer, S3Server, refusal
from tests.wire.server import refusing

MB = 1024 * 1024


@pytest.fixture
async def server() -> AsyncIterator[S3Server]:
    async with S3Server() as running:
        yield running


def store_on(server: S3Server, *, secret_key: str = SECRET_KEY, bucket: str = BUCKET) -> S3BlobStore:
    return store_at(server.url, secret_key=secret_key, bucket=bucket)


def store_at(url: str, *, secret_key: str = SECRET_KEY, bucket: str = BUCKET) -> S3BlobStore:
    return S3BlobStore(
        bucket,
        endpoint=url,
        region=REGION,
        access_key=ACCESS_KEY,
        secret_key=secret_key,
        patience=timedelta(seconds=5),
    )


class TestS3BlobStore(BlobStoreContract):
    @pytest.fixture
    @override
    def blob_store(self, server: S3Server) -> BlobStore:
        return store_on(server)


async def test_a_blob_is_an_object_under_its_id(server: S3Server) -> None:
    blob_id = new_blob_id()
    await store_on(server).write(blob_id, chunks([b"a", b"b"]))
    assert server.objects == {f"blobs/{blob_id.hex}": b"ab"}
    assert [request.method for request in server.requests] == ["PUT"]


async def test_a_large_blob_is_sent_in_parts(server: S3Server) -> None:
    store, blob_id, contents = store_on(server), new_blob_id(), pattern(20 * MB)
    await store.write(blob_id, chunks(contents[start : start + MB] for start in range(0, 20 * MB, MB)))
    assert server.objects == {f"blobs/{blob_id.hex}": contents}
    assert max(len(request.body) for request in server.requests) <= 9 * MB
    assert server.uploads == {}


async def test_an_upload_in_parts_that_breaks_off_leaves_no_object(server: S3Server) -> None:
    store, blob_id = store_on(server), new_blob_id()
    with pytest.raises(SourceBroken):
        await store.write(blob_id, chunks([pattern(MB)] * 20, SourceBroken()))
    assert server.objects == {}
    assert server.uploads == {}


@pytest.mark.parametrize("wrong", [{"secret_key": "another"}, {"bucket": "another-bucket"}])
async def test_a_refusal_is_unavailable_and_tells_nothing_of_the_server(
    server: S3Server, wrong: dict[str, str]
) -> None:
    store = store_on(server, **wrong)
    with pytest.raises(Unavailable, match=f"^{Unavailable.detail}$"):
        await store.write(new_blob_id(), chunks([b"a"]))
    with pytest.raises(Unavailable, match=f"^{Unavailable.detail}$"):
        await store.delete(new_blob_id())


async def test_an_error_of_the_server_is_tried_again(server: S3Server) -> None:
    store, blob_id = store_on(server), new_blob_id()
    server.failing = [refusal(503, "SlowDown")]
    await store.write(blob_id, chunks([b"a"]))
    server.failing = [refusal(500, "InternalError")]
    assert await read(store, blob_id) == b"a"
    assert len(server.requests) == 4


async def test_a_server_that_stays_broken_is_unavailable(server: S3Server) -> None:
    store = store_on(server)
    server.failing = [refusal(500, "InternalError")] * 50
    with pytest.raises(Unavailable):
        await anext(store.read(new_blob_id()))


async def test_nonsense_is_unavailable(server: S3Server) -> None:
    server.failing = [S3Answer(200, b"<nonsense")] * 50
    with pytest.raises(Unavailable):
        await store_on(server).delete(new_blob_id())


async def test_a_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await store_at(await refusing()).write(new_blob_id(), chunks([b"a"]))
