import pytest
from typing_extensions import override

from adapters.memory.text_extractor import MemoryTextExtractor
from application.ports.text_extractor import TextExtractor
from tests.contracts.text_extractor import TextExtractorContract


class TestMemoryTextExtractor(TextExtractorContract):
    @pytest.fixture
    @override
    def extractor(self) -> TextExtractor:
        return MemoryTextExtractor()


async def test_a_first_line_can_be_the_title() -> None:
    found = await MemoryTextExtractor().extract(b"Title: Prices\nA portrait", "text/plain", "a.txt")
    assert found.title == "Prices"
