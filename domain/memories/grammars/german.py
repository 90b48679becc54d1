from typing import Final

from domain.memories.grammars.grammar import Grammar, Says, compiled, rules

_KIN = (
    r"(?:schwester|bruder|mutter|vater|mama|papa|frau|mann|sohn|tochter|partner(?:in)?|freund(?:in)?"
    r"|chef(?:in)?|hund|katze|kater|oma|opa|tante|onkel|ärztin|arzt)"
)
# Not "aus der Arbeit": the few countries that have an article are named.
_FROM = (
    r"aus (?:der (?:schweiz|türkei|slowakei|ukraine|mongolei)|den (?:usa|niederlanden|vereinigten staaten)"
    r"|dem (?:iran|irak|libanon|sudan|kosovo|jemen)|(?!(?:Angst|Spaß|Versehen|Prinzip|Überzeugung|Zeitgründen)\b)"
    r"(?-i:[A-ZÄÖÜ])[\w-]+)"
)
GERMAN: Final = Grammar(
    lead=compiled(
        r"(?:(?:bitte|hallo|hi|ach|also|ja|nein|übrigens|ehrlich gesagt|und|aber|merk dir"
        r"|denk daran)(?:,? dass)?[,:!]? +){0,3}"
    ),
    asked=compiled(r"(?:bitte )?(?:merk(?:e)? dir|denk daran|notier(?:e)?)(?:, dass|:) +"),
    joint=compiled(r"(?: *[,;] *(?:(?:und|aber) +)?| +(?:und|aber) +)(?=(?:ich|meine?) )"),
    doubt=compiled(
        r"\b(?:wenn|falls|würde[nst]*|hätte[nst]*|wäre[nst]*|könnte[nst]*|dürfte|vielleicht|angenommen"
        r"|eventuell|womöglich|wohl|stell dir vor"
        r"|glaube|vermute|sagt[en]*|sagte[nst]*|gesagt|meint[e]?|schreibt|schrieb|fragt[e]?|behauptet[e]?"
        r"|laut|zitat|ob|früher)\b"
    ),
    material=compiled(
        r"(?:bitte )?(?:kannst du |könntest du )?(?:bitte )?(?:übersetze?|schreibe?|korrigiere?"
        r"|formuliere?|fasse|stell dir vor|tu so|hier ist|das ist der|folgende[rs]?)\b"
    ),
    vague=compiled(
        r"(?:es|das|dies|diese[nrsm]?|ihn|ihm|sie|ihr|ihnen|dich|dir|dein\w*|euch|was|wie|wo|wer|wenn"
        r"|dass|so|alles|nichts|etwas|eine[nrsm]?\b(?= davon)|nicht)\b"
    ),
    idle=compiled(r"(?:wissen|fragen|sagen|gehen|sterben|schlafen|hören|nur|mal|kurz)\b"),
    rules=rules(
        (Says.NAME, r"(?:ich heiße|mein name ist|nenne? mich|ich werde) (?P<o>.+?)(?: genannt)?"),
        (
            Says.FACT,
            (
                rf"meine? {_KIN} (?:heißt|wohnt in|lebt in|arbeitet (?:als|bei|in)|ist (?=eine? |allergisch"
                r"|vegetarier|veganer)) ?(?P<o>.+)"
            ),
        ),
        (Says.FACT, r"(?:mein|unser) (?:geburtstag|hochzeitstag|namenstag) ist (?P<o>.+)"),
        (Says.FACT, r"ich habe am (?P<o>.+) geburtstag"),
        (
            Says.FACT,
            (
                r"meine? (?:lieblings\w+|telefonnummer|adresse|beruf|schuhgröße|muttersprache|hobby"
                r"|hobbys) (?:ist|sind) (?P<o>.+)"
            ),
        ),
        (Says.FACT, r"ich (?:wohne|lebe|arbeite|studiere) (?:jetzt |derzeit )?(?:in|an|bei|als|auf) (?P<o>.+)"),
        (
            Says.FACT,
            (
                rf"ich (?:bin|komme) (?:{_FROM}|verheiratet|ledig|geschieden|vegetarier(?:in)?|veganer(?:in)?"
                r"|vegetarisch|\d+ jahre alt)\b(?P<o>.*)"
            ),
        ),
        (
            Says.TASTE,
            (r"ich (?:bevorzuge|mag|liebe|hasse|vertrage) (?P<o>(?:sehr )?.+)"),
        ),
        (
            Says.TASTE,
            (
                r"ich (?:esse|trinke) (?P<o>(?!(?:jetzt|gerade|gleich|heute|noch)\b)(?:(?:[\w-]+ ){0,3}"
                r"(?:lieber|gern[e]?|am liebsten)\b.*|(?:(?:immer|nie|oft|meist(?:ens)?|nur|kaum|viel)|keine?n?) .+))"
            ),
        ),
        (Says.TASTE, r"ich bin allergisch (?:gegen|auf) (?P<o>.+)"),
        (Says.TASK, r"(?:ich muss|erinnere? mich daran,) (?P<o>.+)"),
        (Says.DATED_TASK, r"ich (?:werde|habe) (?P<o>.+)"),
        (Says.GOAL, r"ich (?:will|möchte) (?P<o>.{4,}\w{2,}n)"),
    ),
)
