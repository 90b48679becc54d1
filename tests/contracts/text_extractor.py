"""What every text extractor promises. A test class per adapter inherits the contract and overrides its fixture."""

import pytest

from application.ports.text_extractor import Extracted, TextExtractor, Unreadable
from domain.knowledge import TEXT_LENGTH

MARKDOWN = "# Ceník\n\nPortrét stojí 1 200 Kč.\n\n- ráno\n- večer"


class TextExtractorContract:
    @pytest.fixture
    def extractor(self) -> TextExtractor:
        raise NotImplementedError

    @pytest.mark.parametrize("media_type", ["text/markdown", "text/plain; charset=utf-8"])
    async def test_text_is_given_as_it_is(self, extractor: TextExtractor, media_type: str) -> None:
        assert await extractor.extract(MARKDOWN.encode(), media_type, "cenik.md") == Extracted(text=MARKDOWN)

    async def test_the_same_file_gives_the_same(self, extractor: TextExtractor) -> None:
        first, second = [await extractor.extract(MARKDOWN.encode(), "text/plain", "a.txt") for _ in range(2)]
        assert first == second

    async def test_lines_end_as_everywhere_else_and_a_mark_in_front_is_no_text(self, extractor: TextExtractor) -> None:
        found = await extractor.extract("\ufeffOne\r\nTwo\rThree".encode(), "text/plain", "a.txt")
        assert found.text == "One\nTwo\nThree"

    @pytest.mark.parametrize(
        "data",
        [b"", b" \r\n\t ", b"text\x00text", bytes(range(128, 256)) * 20 + b"\x00"],
        ids=["empty", "blank", "a NUL", "bytes"],
    )
    async def test_what_is_no_text_is_unreadable_and_a_sentence_says_so(
        self, extractor: TextExtractor, data: bytes
    ) -> None:
        with pytest.raises(Unreadable, match=r"^[A-Z].*\.$"):
            await extractor.extract(data, "text/plain", "a.txt")

    async def test_a_text_may_be_long_and_not_longer(self, extractor: TextExtractor) -> None:
        most = "š" * TEXT_LENGTH
        assert (await extractor.extract(most.encode(), "text/plain", "a.txt")).text == most
        with pytest.raises(Unreadable):
            await extractor.extract(f"{most}!".encode(), "text/plain", "a.txt")
