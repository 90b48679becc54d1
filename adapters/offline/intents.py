"""What a visitor wants besides an answer, told by the words: patterns over lower case words without accents."""

import re
from enum import Enum, auto
from functools import lru_cache

from adapters.offline.stems import folded
from domain.words import primary, words


class Intent(Enum):
    """What a visitor wants besides an answer."""

    GREETING = auto()
    THANKS = auto()
    GOODBYE = auto()
    PERSON = auto()
    BOOKING = auto()


_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LONGEST = 1_000

# Small talk is the whole message; the rest occurs in it.
_PATTERNS: dict[str, dict[Intent, str]] = {
    "en": {
        Intent.GREETING: r"(hi|hello|hey|howdy|greetings|good (morning|afternoon|evening|day))"
        r"( (there|everyone|all|again|team))*( how are you( today| doing)*)?",
        Intent.THANKS: r"((ok|okay|great|perfect|super|wonderful|cool|good|nice) )*(many thanks|thanks|thank you|thx|"
        r"cheers)"
        r"( (so|very|much|a|lot|again|for|the|your|help|info|information|answer|that|this|it|helps|helped|is|was|s|all|"
        r"everything|great|perfect|have|nice|good|day|and|bye|goodbye))*",
        Intent.GOODBYE: r"((ok|okay|great) )*(bye|goodbye|good bye|good night|see you|take care|"
        r"have a (nice|good|great|lovely) (day|evening|weekend))( (bye|then|soon|later|and|thanks|thank|see|you))*",
        Intent.PERSON: r"\b(talk|speak|chat)( \w+){0,2} (to|with)( \w+){0,3} "
        r"(person|human|someone|somebody|agent|staff|representative|owner|employee|manager)\b|"
        r"\b(connect|transfer|hand|put) me( \w+){0,4} (person|human|someone|agent|staff|owner|employee|manager)\b|"
        r"\b(real|actual) (person|human)\b|^(a )?(human|person|agent)( please)?$|"
        r"\b(leave|take|pass on|send) (you )?a message\b|\bcall me( back)?\b",
        Intent.BOOKING: r"^(please |hi |hello )*(book|schedule|reserve) |"
        r"\b(want|wish|hope|love|d like|would like|like us|(?<!do )i need) (to )?(please )?(book|schedule|reserve)\b|"
        r"\b(want|wish|need|love|d like|would like)( to)? (make|get|have|arrange|set up)?( \w+){0,2} ?"
        r"(appointment|booking|reservation)\b|"
        r"\b(can|could|may|shall) (i|we|you) (please |also )*(book|schedule|reserve)\b|"
        r"\b(can|could|may) (i|we|you) (please )?(make|get|have|arrange)( \w+){0,2} (appointment|booking|"
        r"reservation)\b|"
        r"\b(how|where) (can|do|could) (i|we) (book|schedule|reserve|make( \w+){1,2} (appointment|booking|"
        r"reservation))\b|"
        r"\b(booking|calendly|reservation) (link|page)\b|\blet s (book|schedule)\b|\bbook (me|us)\b",
    },
    "de": {
        Intent.GREETING: r"(hallo|hi|hey|servus|moin|gruezi|gru(ss|ß) gott|guten (morgen|tag|abend))( zusammen| ihr)*",
        Intent.THANKS: r"((ok|super|prima|toll|perfekt|gut) )*(danke|vielen dank|herzlichen dank|dankeschon|besten "
        r"dank)"
        r"( (schon|sehr|dir|ihnen|euch|fur|die|das|hilfe|antwort|info|auskunft|nochmals))*",
        Intent.GOODBYE: r"(tschuss|tschu(ss|ß)|auf wiedersehen|bis (bald|dann|spater)|ciao|schonen (tag|abend)( "
        r"noch)?)",
        Intent.PERSON: r"\b(mit|an) (\w+ ){0,3}(mensch\w*|person|mitarbeiter\w*|jemand\w*|kolleg\w+) "
        r"(\w+ ){0,2}(sprechen|reden|schreiben|telefonieren)\b|\becht\w* (mensch\w*|person)\b|\bnachricht "
        r"hinterlassen\b|"
        r"\b(spreche|sprechen|reden) (\w+ ){0,3}(mensch\w*|person|mitarbeiter\w*|jemand\w*)\b",
        Intent.BOOKING: r"\b(mochte\w*|wurde\w*|will|wollen|kann|konnte\w*|wie|bitte)\b.*\b(buchen|reservieren|"
        r"vereinbaren|"
        r"termin (haben|bekommen|machen))\b|\bbuchungs(link|seite)\b",
    },
    "es": {
        Intent.GREETING: r"(hola|buenos dias|buenas( tardes| noches)?)( a todos| que tal)*",
        Intent.THANKS: r"((ok|vale|perfecto|genial) )*(muchas gracias|mil gracias|gracias)( (por|todo|la|su|tu|ayuda|"
        r"informacion))*",
        Intent.GOODBYE: r"(adios|hasta (luego|pronto|manana)|chao|chau|que tenga un buen dia)",
        Intent.PERSON: r"\bhablar con (\w+ ){0,3}(persona|alguien|humano|agente|encargad\w)\b|\bpersona real\b|"
        r"\bdejar un mensaje\b",
        Intent.BOOKING: r"\b(quiero|quisiera|queria|puedo|podria|me gustaria|como|necesito|deseo)\b.*"
        r"\b(reservar|agendar|pedir (una )?(cita|turno)|hacer una reserva)\b|\benlace de reserva\b|^(reservar|"
        r"agendar) ",
    },
    "fr": {
        Intent.GREETING: r"(bonjour|bonsoir|salut|coucou)( a tous| ca va)*",
        Intent.THANKS: r"((ok|super|parfait|d accord) )*(merci)( (beaucoup|bien|pour|votre|ton|aide|reponse|tout|"
        r"infiniment))*",
        Intent.GOODBYE: r"(au revoir|a bientot|a plus|bonne (journee|soiree)|adieu)( (et|merci))*",
        Intent.PERSON: r"\b(parler|discuter|echanger) (a|avec) (\w+ ){0,3}(personne|quelqu un|humain|conseiller|"
        r"agent)\b|"
        r"\b(vraie personne|laisser un message)\b",
        Intent.BOOKING: r"\b(voudrai\w*|veux|peux|puis je|pouvons|souhaite\w*|aimerai\w*|comment|pourrai\w*)\b.*"
        r"\b(reserver|prendre (un )?rendez vous|prendre rdv)\b|\blien de reservation\b|^reserver ",
    },
    "cs": {
        Intent.GREETING: r"(ahoj|dobry (den|vecer)|dobre rano|zdravim|cau|hezky den)( vam| vsem)*",
        Intent.THANKS: r"((ok|super|vyborne|skvele|dobre) )*(dekuji|dekuju|diky|dik|moc dekuji|mockrat dekuji)"
        r"( (moc|mockrat|vam|za|pomoc|odpoved|informaci|informace))*",
        Intent.GOODBYE: r"(na shledanou|nashledanou|sbohem|mejte se|cau|hezky (den|vecer) preji)( hezky)*",
        Intent.PERSON: r"\b(mluvit|promluvit|spojit)( \w+){0,3} (s|se) (\w+ ){0,2}(clovekem|nekym|osobou|"
        r"pracovnikem)\b|"
        r"\b(zivym clovekem|skutecnym clovekem|nechat (vam )?(vzkaz|zpravu))\b",
        Intent.BOOKING: r"\b(chci|chtel\w*|bych|mohu|muzu|lze|jak|prosim|rad\w?)\b.*"
        r"\b(objednat|rezervovat|zarezervovat|zamluvit|sjednat (si )?(termin|schuzku))\b|\brezervacni odkaz\b",
    },
}
# Words of questions about a booking, rather than for one.
_ABOUT_BOOKINGS = {
    "en": r"\b(cancel|cancell\w+|refund|resched\w+|move|change|deposit|advance|ahead|early|cost|costs|"
    r"price|how much|without|confirm\w*|confirmation|late|make up|makeup)\b",
    "de": r"\b(absag\w+|stornier\w+|verschieb\w+|umbuch\w+|anzahlung|voraus|kost\w+|preis\w*|ohne)\b",
    "es": r"\b(cancel\w+|anular|reembols\w+|cambi\w+|aplazar|anticipo|antelacion|cuesta\w*|precio\w*|sin)\b",
    "fr": r"\b(annul\w+|rembours\w+|reporter|deplacer|acompte|avance|cout\w*|prix|sans)\b",
    "cs": r"\b(zrusit|zrusen\w*|presun\w+|prelozit|zmenit|zaloh\w+|predem|stoji|cen\w+|bez)\b",
}


def intent_of(text: str, language: str) -> Intent | None:
    """What a visitor who wrote `text` wants besides an answer, in `language` or in English; None: just an answer."""
    said = folded(" ".join(words(text[:_LONGEST])))
    found = _in_language(said, primary(language)) or _in_language(said, "en")
    return found or (Intent.PERSON if _ADDRESS.search(text[:_LONGEST]) else None)


def _in_language(said: str, language: str) -> Intent | None:
    patterns = _compiled(language)
    for intent in (Intent.GREETING, Intent.THANKS, Intent.GOODBYE):
        if intent in patterns and patterns[intent].fullmatch(said):
            return intent
    for intent in (Intent.PERSON, Intent.BOOKING):
        if intent in patterns and patterns[intent].search(said):
            return None if intent is Intent.BOOKING and re.search(_ABOUT_BOOKINGS[language], said) else intent
    return None


@lru_cache
def _compiled(language: str) -> dict[Intent, re.Pattern[str]]:
    return {intent: re.compile(pattern) for intent, pattern in _PATTERNS.get(language, {}).items()}
