import pytest

from domain.memories.wishes import asks_to_forget


@pytest.mark.parametrize(
    "text",
    [
        "Forget that.",
        "Could you please FORGET what I told you about Mia?",
        "Delete everything on my sister",
        "Don’t remember that, please.",  # noqa: RUF001 (the apostrophe that people type)
        "Don't forget the milk, and forget the bread.",
        "Vergiss bitte meine Adresse",
        "Lösche das wieder",
        "Olvídalo",
        "Oublie ça",
        "Zapomeň na to",
        "zapomen na to",
        "Dimentica questo",
        "Esqueça isso",
        "Vergeet dat",
        "Забудь это",
        "Ξέχασέ το",
        "それを忘れて",
        "请忘记这件事",
        "그건 잊어 주세요",
        "भूल जाओ",
        "انسَ ذلك",
        "x" * 9_000 + " Forget that.",
        "Forget that: " + "x" * 9_000,
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_a_wish_to_have_something_forgotten_is_heard_in_many_words(text: str) -> None:
    assert asks_to_forget(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "When do we open?",
        "Don't forget the milk.",
        "Never forget that I am vegan.",
        "Vergiss das nicht!",
        "Ich darf es nicht vergessen.",
        "No te olvides de la leche",
        "N’oublie pas le pain",  # noqa: RUF001 (the apostrophe that people type)
        "Nezapomeň na mléko",
        "Non dimenticare il pane",
        "I am unforgettable.",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_what_is_to_be_kept_in_mind_is_no_wish_to_forget(text: str) -> None:
    assert not asks_to_forget(text)
