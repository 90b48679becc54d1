"""How dates are said in some languages: fixed tables of regular expressions for whole words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final


@dataclass(frozen=True, kw_only=True)
class DateWords:
    """The words of one language; each value is a regular expression that holds no group.

    Attributes:
        days: what names a day, with how many days it is from today.
        next, last, this: what stands before or after the name of a time and tells which of its kind is meant.
        ahead, ago: what an amount of time stands between, in front of it and behind; either may be empty.
        day, week, month, year, weekend: the units, in all their numbers and cases.
        weekdays: from Monday. months: from January. seasons: from spring.
        feasts: days of the year that have a name, each with its month, and the first and the last day.
        within: what a feast, a month or season without anything else must follow, as "in" in "in March".
        end: what stands before a time of which the end is meant.
        habit: what stands before a weekday and means all of them.
        numbers: the words for 1 to 12.
    """

    days: Mapping[str, int]
    next: str
    last: str
    this: str
    ahead: tuple[str, str]
    ago: tuple[str, str]
    day: str
    week: str
    month: str
    year: str
    weekend: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    seasons: tuple[str, ...]
    feasts: tuple[tuple[str, int, int, int], ...]
    within: str
    end: str
    habit: str
    numbers: tuple[str, ...]

    @cached_property
    def number(self) -> str:
        """One amount, as a word or in digits."""
        return "|".join((r"\d{1,3}", *self.numbers))


_ENGLISH: Final = DateWords(
    days={
        "the day after tomorrow": 2,
        "the day before yesterday": -2,
        "tomorrow": 1,
        "yesterday": -1,
        "last night": -1,
        "today|tonight|this (?:morning|afternoon|evening)": 0,
    },
    next="next|coming|upcoming",
    last="last|past|previous",
    this="this",
    ahead=("in", ""),
    ago=("", "ago"),
    day="days?",
    week="weeks?",
    month="months?",
    year="years?",
    weekend="weekend",
    weekdays=tuple(
        # Not "on Mondays" nor "on Monday mornings": these are no day, but a habit.
        rf"{day}(?! (?:mornings|afternoons|evenings|nights)\b)"
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ),
    months=(
        "january|jan",
        "february|feb",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september|sept",
        "october|oct",
        "november|nov",
        "december|dec",
    ),
    seasons=("spring", "summer", "autumn|fall", "winter"),
    feasts=(
        ("christmas|xmas", 12, 24, 26),
        ("new year's eve", 12, 31, 31),
        ("halloween", 10, 31, 31),
        ("valentine's day", 2, 14, 14),
        ("midsummer", 6, 20, 24),
    ),
    within="in|on|at|over|around|during|since|until|by|before|after|from|of|early|late|mid",
    end="(?:the )?end of",
    habit="every|each|any|most",
    numbers=(
        "a|an|one",
        "two|a couple of",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
)
_GERMAN: Final = DateWords(
    days={
        "übermorgen": 2,
        "vorgestern": -2,
        "(?<!am )(?<!guten )(?<!jeden )(?<!heute )(?<!diesen )morgen": 1,
        "gestern": -1,
        "heute": 0,
    },
    next="nächste[nrsm]?|kommende[nrsm]?",
    last="letzte[nrsm]?|vergangene[nrsm]?|vorige[nrsm]?",
    this="diese[nrsm]?",
    ahead=("in", ""),
    ago=("vor", ""),
    day="tag(?:en?)?",
    week="wochen?",
    month="monat(?:s|en?)?",
    year="jahr(?:s|es|en?)?",
    weekend="wochenende",
    weekdays=("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag|sonnabend", "sonntag"),
    months=(
        "januar|jänner",
        "februar",
        "märz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ),
    seasons=("frühling|frühjahr", "sommer", "herbst", "winter"),
    feasts=(("weihnachten", 12, 24, 26), ("silvester", 12, 31, 31)),
    within="im|an|zu|über|vor|nach|seit|bis|ab|anfang|mitte|ende",
    end="ende(?: (?:der|des))?",
    habit="jede[nrsm]?|immer",
    numbers=(
        "eine[nmr]?|ein",
        "zwei",
        "drei",
        "vier",
        "fünf",
        "sechs",
        "sieben",
        "acht",
        "neun",
        "zehn",
        "elf",
        "zwölf",
    ),
)
_SPANISH: Final = DateWords(
    days={
        "pasado mañana": 2,
        "anteayer|antier": -2,
        "(?<!la )mañana": 1,
        "ayer|anoche": -1,
        "hoy|esta (?:tarde|noche)": 0,
    },
    next="próxim[oa]|que viene",
    last="pasad[oa]|últim[oa]",
    this="est[ea]",
    ahead=("dentro de|en", ""),
    ago=("hace", ""),
    day="días?",
    week="semanas?",
    month="mes(?:es)?",
    year="años?",
    weekend="fin de semana",
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre|setiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    seasons=("primavera", "verano", "otoño", "invierno"),
    feasts=(("navidad(?:es)?", 12, 24, 26), ("nochevieja", 12, 31, 31)),
    within="en|por|durante|desde|hasta|de|del",
    end="(?:el )?fin(?:ales)? de(?:l)?",
    habit="los|cada|todos los",
    numbers=(
        "una?|un",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
    ),
)
_FRENCH: Final = DateWords(
    days={
        "après-demain": 2,
        "avant-hier": -2,
        "demain": 1,
        "hier": -1,
        "aujourd['’]hui|ce soir|ce matin|cet après-midi": 0,  # noqa: RUF001 (as people type)
    },
    next="prochaine?|qui vient",
    last="derni(?:er|ère)|passée?",
    this="ce|cet|cette",
    ahead=("dans", ""),
    ago=("il y a", ""),
    day="jours?",
    week="semaines?",
    month="mois",
    year="ans?|années?",
    weekend="week-end|weekend",
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    seasons=("printemps", "été", "automne", "hiver"),
    feasts=(("noël", 12, 24, 26), ("(?:la )?saint-sylvestre", 12, 31, 31)),
    within="à|en|au|depuis|jusqu['’]en|début|fin",  # noqa: RUF001 (as people type)
    end="(?:la )?fin (?:du|de la|de l['’])",  # noqa: RUF001 (as people type)
    habit="le|chaque|tous les",
    numbers=("une?", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
)
_CZECH: Final = DateWords(
    days={"pozítří": 2, "předevčírem": -2, "zítra": 1, "včera": -1, "dnes|dneska": 0},
    next="příští(?:ho|mu|m)?",
    last="minul(?:ý|á|é|ého|ou|ém)",
    this="tento|tuto|toto|tomto|letošní",
    ahead=("za", ""),
    ago=("před", ""),
    day="den|dn[yíůe]|dny|dnem",
    week="týden|týdn[yůue]|týdnem",
    month="měsíc[eůi]?|měsícem",
    year="rok[yůu]?|roce|rokem|let|lety",
    weekend="víkend[ue]?",
    weekdays=("pondělí", "úter(?:ý|ek|ka)", "střed[auy]", "čtvrte?k[ua]?", "pátek|pátku", "sobot[auy]", "neděl[ei]"),
    months=(
        "led(?:en|na|nu)",
        "únor[ua]?",
        "březn[au]|březen",
        "dub(?:en|na|nu)",
        "květ(?:en|na|nu)",
        "červ(?:en|na|nu)",
        "červen(?:ec|ce|ci)",
        "srp(?:en|na|nu)",
        "září",
        "říj(?:en|na|nu)",
        "listopad[ua]?",
        "prosin(?:ec|ce|ci)",
    ),
    seasons=("jaro|jaře|jara", "lét[oaě]", "podzim[ue]?", "zim[auěy]"),
    feasts=(("vánoc(?:e|ích|emi)?", 12, 24, 26), ("silvestra?", 12, 31, 31)),
    within="v|ve|na|o|od|do|před|po|během|začátkem|koncem",
    end="kon(?:ec|ce|cem)",
    habit=r"každ\w{1,3}",
    numbers=(
        "jed(?:en|na|no|nu|ním)",
        "dv[aě]|dvěma",
        "tři|třemi",
        "čtyři|čtyřmi",
        "pět",
        "šest",
        "sedm",
        "osm",
        "devět",
        "deset",
        "jedenáct",
        "dvanáct",
    ),
)

DATE_WORDS: Final[Mapping[str, DateWords]] = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "es": _SPANISH,
    "fr": _FRENCH,
    "cs": _CZECH,
}
"""By language (ISO 639-1)."""
