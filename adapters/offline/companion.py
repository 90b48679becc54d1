"""What the offline model says as a user's companion: it quotes what they told it, and keeps or forgets on demand."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import cast

from adapters.offline.candidates import Quote
from adapters.offline.intents import Intent, intent_of
from adapters.offline.phrases import Phrase, phrase
from adapters.offline.questions import leans
from adapters.offline.ranking import best_quotes
from adapters.offline.reply import Reply, calling
from domain.knowledge import Passage, SourceKind
from domain.memories.dates import Leaning, SaidDate, dates_in
from domain.memories.recall import speaks_of
from domain.prompts import Prompt, Tool, ToolTurn, UserTurn, mark
from domain.words import primary

_REPLIED = "Companion,"
"""How the headings of what a companion said begin."""
_REMEMBER, _FORGET = "remember", "forget"
_LONGEST = 2_000
_LEAST_WORDS = 2
_SHORT = 300
_MOST_DATED = 3
_ANY_DAY = date(2000, 1, 1)
_NOTE = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?: to (\d{4}-\d{2}-\d{2}))?(?!\d)")
_NAME = re.compile(r"(?:['\u2019]s)?\s+(?:names?|nombres?|noms?|jméno)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?:called|named?|names|heißt|heiße|llam[ao]|nombre|appell?e|nom|jmenuj[ei]|jméno)\b"
    r"|\b(?:is|ist|es|est|je) [A-ZÁ-Ž]"
)
_SMALL_TALK = {
    Intent.GREETING: Phrase.COMPANION_GREETING,
    Intent.THANKS: Phrase.COMPANION_THANKS,
    Intent.GOODBYE: Phrase.COMPANION_GOODBYE,
}

# What follows is what to keep, or to forget; of the latter nothing means what was spoken of.
_KEEP = {
    "en": r"(?:please,? )?(?:can you |could you )?(?:remember|note|keep in mind|don'?t forget|make a note)"
    r"(?: for me)?(?:,? that|:| -|,)? (?!when\b|how\b|what\b|who\b|where\b)",
    "de": r"(?:bitte )?(?:merke? dir|notiere?(?: dir)?|vergiss nicht|denk daran|behalte?)(?: bitte)?(?:, dass|:|,)? ",
    "es": r"(?:por favor,? )?(?:recuerda|anota|ten en cuenta|no olvides)(?: que|:|,)? ",
    "fr": r"(?:s'il te plaît,? )?(?:souviens-toi|retiens|note|n'oublie pas)(?: que| qu'|:|,)? ?",
    "cs": r"(?:prosím,? )?(?:zapamatuj si|pamatuj si|pamatuj|nezapomeň|poznamenej si)(?:, že|:|,)? ",
}
_DROP = {
    "en": r"(?:please,? )?(?:can you |could you )?forget(?: about)?"
    r"(?: (?:that|it|this|what i (?:just )?(?:said|told you)))?(?: about)?"
    r"(?:,? (?:please|again))?(?=[\s.!]|$)(?: that)? ?",
    "de": r"(?:bitte )?vergiss(?! nicht)(?: bitte)?(?: (?:das|es))?(?: wieder)?(?:, dass)?(?=[\s.!]|$) ?",
    "es": r"(?:por favor,? )?olvida(?: eso| esto|lo)?(?: que)?(?=[\s.!]|$) ?",
    "fr": r"oublie(?: ça| cela)?(?: que| qu')?(?=[\s.!]|$) ?",
    "cs": r"(?:prosím,? )?zapomeň(?: to| na to)?(?:, že| na)?(?=[\s.!]|$) ?",
}
# Before what a question is about: it says only that it is asked of somebody who remembers.
_OPENING = {
    "en": r"(?:and )?(?:(?:do|did|can|could|would) you (?:still )?(?:remember|know|recall|tell me|remind me)"
    r"|(?:please,? )?(?:tell|remind) me"
    r"|what (?:did|have|had) i (?:just |ever )?(?:say|said|tell you|told you|mention|mentioned)(?: to you)?"
    r"|what do you (?:still )?(?:know|remember))(?: of| about)?\b",
    "de": r"(?:und )?(?:weißt du|erinnerst du dich|kannst du mir sagen|sag mir|was habe ich(?: dir)? (?:über|von)"
    r"|was weißt du)(?: noch)?(?: an| über| von)?\b",
    "es": r"(?:y )?(?:recuerdas|sabes|te acuerdas|dime|qué (?:te )?(?:dije|he dicho)|qué sabes)(?: de| sobre)?\b",
    "fr": r"(?:et )?(?:te souviens-tu|tu te souviens|sais-tu|tu sais|dis-moi|qu'est-ce que j'ai dit|que sais-tu)"
    r"(?: de| sur)?\b",
    "cs": r"(?:a )?(?:pamatuješ si|víš|řekni mi|co jsem(?: ti)? (?:říkal|říkala|řekl|řekla)|co víš)(?: o)?\b",
}
_ASKING = {
    "en": r"(?:and )?(?:what|who|whose|where|when|which|why|how|do|does|did|is|are|was|were|can|could|"
    r"tell me|remind me)\b",
    "de": r"(?:und )?(?:was|wer|wem|wen|wessen|wo|wann|welche\w*|warum|wie|weißt du|sag mir)\b",
    "es": r"(?:y )?(?:qué|quién|dónde|cuándo|cuál|por qué|cómo|dime)\b",
    "fr": r"(?:et )?(?:que|quel\w*|qui|où|quand|pourquoi|comment|combien|dis-moi|est-ce)\b",
    "cs": r"(?:a )?(?:co|kdo|kde|kdy|který|která|které|proč|jak|kolik|řekni mi|víš)\b",
}


def companion_reply(prompt: Prompt, tools: Sequence[Tool]) -> Reply:
    """The reply to the last turn of the user: to a tool's result, a wish, a question, or what they tell.

    Behind each quote stands its mark.
    """
    last = prompt.turns[-1] if prompt.turns else None
    if isinstance(last, ToolTurn):
        return Reply(_after(last, prompt.language))
    said = [turn.text[-_LONGEST:].strip() for turn in prompt.turns if isinstance(turn, UserTurn)]
    text, earlier = (said[-1] if said else ""), (said[-2] if len(said) > 1 else "")
    wanted = _wish(text, prompt, tools)
    if wanted is not None:
        return wanted
    intent = intent_of(text, prompt.language)
    if intent in _SMALL_TALK:
        return Reply(phrase(_SMALL_TALK[intent], prompt.language))
    if not _asks(text, prompt.language):
        return Reply(phrase(Phrase.COMPANION_NOTED, prompt.language))
    dates = dates_in(text, prompt.today or _ANY_DAY, Leaning.FUTURE, prompt.language)
    undated = _without(dates, text)
    question = _rest(_OPENING, undated, prompt.language) or undated or text
    earlier = earlier if leans(question, prompt.language) else ""
    quotes = (
        _best(question, earlier, prompt, _is_kept)
        or _plainly(question, prompt)
        or _best(question, earlier, prompt, _is_own_statement)
        or (_dated(dates, prompt) if prompt.today else [])
    )
    return Reply(_quoted(quotes, prompt) or phrase(Phrase.COMPANION_UNKNOWN, prompt.language))


def _without(dates: Sequence[SaidDate], text: str) -> str:
    """The question without its dates: what was found is of that time, but hardly says so in the same words."""
    for each in reversed(dates):
        text = f"{text[: each.start]} {text[each.end :]}"
    return re.sub(r"\s+(?=[?.!,;]|$)", "", " ".join(text.split())).lstrip(" ,")


def _dated(dates: Sequence[SaidDate], prompt: Prompt) -> list[Quote]:
    """The first short memories that note a day of those asked for: what answers "What do I have to do next week?"."""
    noted = (
        Quote(passage=place, place=0, heading="", text=passage.text)
        for place, passage in enumerate(prompt.passages)
        if passage.source.kind is SourceKind.MEMORY
        and len(passage.text) <= _SHORT
        and any(first <= each.last and each.first <= last for first, last in _noted(passage.text) for each in dates)
    )
    return list(islice(noted, _MOST_DATED))


def _noted(text: str) -> Iterator[tuple[date, date]]:
    """The days that are noted in a memory behind what tells them otherwise (`domain.memories.dates.dated`)."""
    for found in _NOTE.finditer(text):
        with suppress(ValueError):  # 2026-02-30
            yield date.fromisoformat(found[1]), date.fromisoformat(found[2] or found[1])


def _best(question: str, earlier: str, prompt: Prompt, wanted: Callable[[Passage], bool]) -> list[Quote]:
    """The quotes that answer it best from the wanted passages, with the places these have in the prompt."""
    places = [place for place, passage in enumerate(prompt.passages) if wanted(passage)]
    quotes = best_quotes(question, earlier, [prompt.passages[place] for place in places], prompt.language)
    return [replace(quote, passage=places[quote.passage]) for quote in quotes]


def _plainly(question: str, prompt: Prompt) -> list[Quote]:
    """The first short memory that holds all that the question names, a name by what calls somebody so.

    Words that say nothing of a business, such as "work", do of a person.
    """
    asked = _NAME.sub(" ", question)
    for place, passage in enumerate(prompt.passages):
        short = passage.source.kind is SourceKind.MEMORY and len(passage.text) <= _SHORT
        named = asked == question or _NAMED.search(passage.text) is not None
        if short and named and speaks_of(passage.text, asked, prompt.language, 1.0):
            return [Quote(passage=place, place=0, heading="", text=passage.text)]
    return []


def _is_kept(passage: Passage) -> bool:
    return passage.source.kind is not SourceKind.MESSAGE


def _is_own_statement(passage: Passage) -> bool:
    """Whether the user said it in a conversation, and asked nothing: a question is no answer, nor is an old reply."""
    said = passage.source.kind is SourceKind.MESSAGE
    return said and "?" not in passage.text and not passage.heading.startswith(_REPLIED)


def _wish(text: str, prompt: Prompt, tools: Sequence[Tool]) -> Reply | None:
    """The call of the tool that does what the user demands, or None when they demand nothing, or it is not offered."""
    dropped = _rest(_DROP, text, prompt.language)
    if dropped is not None:
        return calling(_FORGET, {"what": dropped.strip(" .!")}, prompt, tools)
    kept = None if text.endswith("?") else _rest(_KEEP, text, prompt.language)
    if not kept or len(kept.split()) < _LEAST_WORDS:
        return None
    return calling(_REMEMBER, {"content": _sentence(kept)}, prompt, tools)


def _rest(patterns: Mapping[str, str], text: str, language: str) -> str | None:
    """What follows the words of a pattern in `language` or in English; None when it does not begin with them."""
    found = _match(patterns.get(primary(language), ""), text) or _match(patterns["en"], text)
    return text[found.end() :].strip() if found else None


def _asks(text: str, language: str) -> bool:
    return "?" in text or bool(_match(_ASKING.get(primary(language), ""), text) or _match(_ASKING["en"], text))


def _match(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).match(text.replace("\u2019", "'")) if pattern else None


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _sentence(text: str) -> str:
    text = text.strip()
    whole = text if text[-1] in ".!…" else f"{text}."
    return f"{whole[0].upper()}{whole[1:]}"


def _quoted(quotes: Sequence[Quote], prompt: Prompt) -> str:
    """What the user said themselves as theirs, then what documents say, each quote with its mark."""
    own, others = list[str](), list[str]()
    for quote in quotes:
        kind = prompt.passages[quote.passage].source.kind
        # A message's heading is who said it, and on which day.
        heading = quote.heading.partition(", ")[2] if kind is SourceKind.MESSAGE else quote.heading
        told = quote.text if kind is SourceKind.DOCUMENT else f"“{quote.text}”"
        told = f"{told} ({heading})" if heading and kind is not SourceKind.MEMORY else told
        (others if kind is SourceKind.DOCUMENT else own).append(f"{told} {mark(quote.passage + 1)}")
    quoted = [phrase(Phrase.COMPANION_TOLD, prompt.language).format(quotes=" ".join(own))] if own else []
    return " ".join([*quoted, *others])


def _after(result: ToolTurn, language: str) -> str:
    found = _object(result.output)
    text, cited = found.get("text"), found.get("mark")
    if result.tool == _REMEMBER and not result.failed:
        return f"{phrase(Phrase.COMPANION_KEPT, language).format(text=text)} {cited}"
    if result.tool == _FORGET and not result.failed:
        return phrase(Phrase.COMPANION_DROPPED, language).format(text=text)
    return phrase(Phrase.COMPANION_NOTHING_DROPPED if result.tool == _FORGET else Phrase.COMPANION_UNKNOWN, language)


def _object(output: str) -> Mapping[str, object]:
    try:
        value: object = json.loads(output)
    except (ValueError, RecursionError):
        return {}
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
