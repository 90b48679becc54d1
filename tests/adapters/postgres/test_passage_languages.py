from tests.contracts.passage_languages import PassageLanguagesContract


class TestPassageLanguages(PassageLanguagesContract): ...
