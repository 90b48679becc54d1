import pytest

from domain.words import SNOWBALL, STOP_WORDS, primary, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Harbour, at 9:30!", ["the", "harbour", "at", "9", "30"]),
        ("L'été d’hier", ["l", "été", "d", "hier"]),  # noqa: RUF001 (the apostrophe that people type)
        ("snake_case-and-dash", ["snake", "case", "and", "dash"]),
        ("ＦＵＬＬ width", ["full", "width"]),  # noqa: RUF001 (full-width letters are the point)
        ("営業時間は9時", ["営", "業", "時", "間", "は", "9", "時"]),
        ("東京Tower", ["東", "京", "tower"]),
        ("… — 😀", []),
    ],
)
def test_words_are_lower_case_without_marks_and_unspaced_scripts_come_apart(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(("tag", "language"), [("de-AT", "de"), ("EN", "en"), ("pt_BR", "pt"), ("", "")])
def test_the_language_of_a_tag_is_its_first_part(tag: str, language: str) -> None:
    assert primary(tag) == language


def test_stop_words_are_words_as_they_are_compared() -> None:
    assert all(words(word) == [word] for stop_words in STOP_WORDS.values() for word in stop_words)
    assert STOP_WORDS.keys() <= SNOWBALL.keys()
