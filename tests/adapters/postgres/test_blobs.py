from tests.contracts.blobs import BlobLogContract, BlobsContract, BlobViewsContract


class TestBlobs(BlobsContract): ...


class TestBlobLog(BlobLogContract): ...


class TestBlobViews(BlobViewsContract): ...
