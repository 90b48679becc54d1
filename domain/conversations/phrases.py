"""What the assistant says when no model is asked, by language (ISO 639-1)."""

from domain.words import primary

_LIMIT_REACHED = {
    "en": "I have reached my limit for now. I have passed your message on: a person will answer here.",
    "cs": "Pro tuto chvíli jsem u konce svých možností. Vaši zprávu předávám dál: odpoví vám zde člověk.",
    "de": "Ich habe mein Limit für den Moment erreicht. Ihre Nachricht ist weitergegeben: Ein Mensch antwortet Ihnen "
    "hier.",
    "es": "He alcanzado mi límite por ahora. He pasado su mensaje: una persona le responderá aquí.",
    "fr": "J'ai atteint ma limite pour le moment. J'ai transmis votre message : une personne vous répondra ici.",
    "pt": "Atingi o meu limite por agora. Passei a sua mensagem adiante: uma pessoa vai responder-lhe aqui.",
}


_LIMIT_REACHED_ALONE = {
    "en": "I have reached my limit for now. Let us go on later.",
    "cs": "Pro tuto chvíli jsem u konce svých možností. Pokračujme později.",
    "de": "Ich habe mein Limit für den Moment erreicht. Lass uns später weitermachen.",
    "es": "He alcanzado mi límite por ahora. Sigamos más tarde.",
    "fr": "J'ai atteint ma limite pour le moment. Reprenons plus tard.",
    "pt": "Atingi o meu limite por agora. Continuemos mais tarde.",
}


def limit_reached(language: str, *, alone: bool = False) -> str:
    """The sentence with which the assistant hands over to a person, in `language` (BCP 47) or else in English.

    `alone` is a companion, in whose place nobody answers.
    """
    sentences = _LIMIT_REACHED_ALONE if alone else _LIMIT_REACHED
    return sentences.get(primary(language), sentences["en"])
