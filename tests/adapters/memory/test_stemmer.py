import pytest

from adapters.memory.stemmer import MemoryStemmer
from application.ports.stemmer import Stemmer
from tests.contracts.stemmer import StemmerContract


class TestMemoryStemmer(StemmerContract):
    @pytest.fixture
    def stemmer(self) -> Stemmer:
        return MemoryStemmer()
