import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import cast

from adapters.offline.candidates import Quote
from adapters.offline.companion import companion_reply
from adapters.offline.intents import Intent, intent_of
from adapters.offline.phrases import Phrase, phrase
from adapters.offline.ranking import best_quotes
from adapters.offline.reply import Reply, calling
from domain.prompts import Prompt, Tool, ToolTurn, UserTurn

_BOOKING = "get_booking_link"
_PERSON = "ask_a_person"
_UNANSWERED = "report_unanswered"
_PROVIDERS = {"calendly": "Calendly", "square": "Square", "agendapro": "AgendaPro"}
_SMALL_TALK = {
    Intent.GREETING: Phrase.GREETING,
    Intent.THANKS: Phrase.THANKS,
    Intent.GOODBYE: Phrase.GOODBYE,
}
_LONGEST_QUESTION = 2_000


def reply_to(prompt: Prompt, tools: Sequence[Tool]) -> Reply:
    """The reply to the last turn of `prompt`: to a tool's result, a wish, or a question."""
    if prompt.cites:
        return companion_reply(prompt, tools)
    last = prompt.turns[-1] if prompt.turns else None
    if isinstance(last, ToolTurn) and last.tool in _AFTER:
        return Reply(_AFTER[last.tool](last, prompt))
    question, earlier = _questions(prompt)
    intent = None if isinstance(last, ToolTurn) else intent_of(question, prompt.language)
    if intent in _SMALL_TALK:
        return Reply(phrase(_SMALL_TALK[intent], prompt.language))
    if intent is Intent.PERSON:
        return _call(_PERSON, question, prompt, tools) or Reply(phrase(Phrase.NO_PERSON, prompt.language))
    if intent is Intent.BOOKING:
        return _call(_BOOKING, question, prompt, tools) or Reply(phrase(Phrase.NO_BOOKING, prompt.language))
    quotes = best_quotes(question, earlier, prompt.passages, prompt.language)
    unknown = None if quotes else _call(_UNANSWERED, question, prompt, tools)
    return unknown or Reply(_quoted(quotes) or phrase(Phrase.UNKNOWN, prompt.language))


def _questions(prompt: Prompt) -> tuple[str, str]:
    """What the visitor wrote last and before that, the end of each when it is very long."""
    said = [turn.text[-_LONGEST_QUESTION:] for turn in prompt.turns if isinstance(turn, UserTurn)]
    return (said[-1] if said else "", said[-2] if len(said) > 1 else "")


def _quoted(quotes: Sequence[Quote]) -> str:
    """The quotes, each run of them under one heading followed by its name."""
    parts: list[str] = []
    for heading, group in groupby(quotes, key=lambda quote: quote.heading):
        parts.extend(quote.text for quote in group)
        if heading:
            parts.append(f"({heading})")
    return " ".join(parts)


def _call(name: str, question: str, prompt: Prompt, tools: Sequence[Tool]) -> Reply | None:
    """A call of the tool `name`, or None when it is not offered."""
    tool = next((tool for tool in tools if tool.name == name), None)
    if tool is None:
        return None
    return calling(name, _required(tool, question), prompt, tools)


def _required(tool: Tool, question: str) -> dict[str, object]:
    """The visitor's words for each text the tool cannot do without."""
    names = tool.parameters.get("required", ())
    return {str(name): question for name in cast("Sequence[object]", names)}


def _after_booking(result: ToolTurn, prompt: Prompt) -> str:
    found = _object(result.output)
    url = next((found[key] for key in ("url", "link", "booking_url") if key in found), None)
    if result.failed or not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return phrase(Phrase.NO_BOOKING, prompt.language)
    provider = _PROVIDERS.get(str(found.get("provider") or found.get("type") or "").lower())
    which = Phrase.BOOKING_WITH if provider else Phrase.BOOKING
    return phrase(which, prompt.language).format(url=url, provider=provider)


def _after_person(result: ToolTurn, prompt: Prompt) -> str:
    return phrase(Phrase.NO_PERSON if result.failed else Phrase.PERSON, prompt.language)


def _after_report(_result: ToolTurn, prompt: Prompt) -> str:
    return phrase(Phrase.UNKNOWN, prompt.language)


_AFTER = {_BOOKING: _after_booking, _PERSON: _after_person, _UNANSWERED: _after_report}


def _object(output: str) -> Mapping[str, object]:
    try:
        value: object = json.loads(output)
    except (ValueError, RecursionError):
        return {}
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
