import pytest
from typing_extensions import override

from adapters.memory.images import MemoryImages
from application.ports.images import Images
from tests.contracts.images import ImagesContract


class TestMemoryImages(ImagesContract):
    @pytest.fixture
    @override
    def images(self) -> Images:
        return MemoryImages()
