import asyncio

import pytest

from adapters.snowball.stemmer import SnowballStemmer
from application.ports.stemmer import Stemmer
from tests.contracts.stemmer import StemmerContract


class TestSnowballStemmer(StemmerContract):
    @pytest.fixture
    def stemmer(self) -> Stemmer:
        return SnowballStemmer()

    async def test_threads_do_not_disturb_each_other(self, stemmer: Stemmer) -> None:
        words = [f"sailing{letter}s" for letter in "abcdefghij"] * 200
        alone = stemmer.stems(words, "en")
        assert await asyncio.gather(*(asyncio.to_thread(stemmer.stems, words, "en") for _ in range(8))) == [alone] * 8
