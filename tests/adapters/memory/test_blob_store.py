import pytest
from typing_extensions import override

from adapters.memory.blob_store import MemoryBlobStore
from application.ports.blob_store import BlobStore
from tests.contracts.blob_store import BlobStoreContract


class TestMemoryBlobStore(BlobStoreContract):
    @pytest.fixture
    @override
    def blob_store(self) -> BlobStore:
        return MemoryBlobStore()
