"""What every stemmer promises. A test class per adapter inherits the contract."""

import pytest

from application.ports.stemmer import Stemmer
from domain.words import SNOWBALL


class StemmerContract:
    @pytest.fixture
    def stemmer(self) -> Stemmer:
        raise NotImplementedError

    @pytest.mark.parametrize(
        ("language", "one", "other"),
        [("en", "sailing", "sails"), ("en-GB", "prices", "price"), ("de", "preise", "preis"), ("fr", "ports", "port")],
    )
    def test_forms_of_a_word_share_a_stem(self, stemmer: Stemmer, language: str, one: str, other: str) -> None:
        first, second = stemmer.stems([one, other], language)
        assert first == second

    @pytest.mark.parametrize("language", [*SNOWBALL, "xx", "", "not a language"])
    def test_each_word_has_a_stem_in_every_language(self, stemmer: Stemmer, language: str) -> None:
        assert len(stemmer.stems(["harbour", "гавань", "12"], language)) == 3
        assert stemmer.stems([], language) == []

    def test_an_unknown_language_leaves_words_as_they_are(self, stemmer: Stemmer) -> None:
        assert stemmer.stems(["sailing", "sails"], "xx") == ["sailing", "sails"]
