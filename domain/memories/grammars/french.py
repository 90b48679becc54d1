from typing import Final

from domain.memories.grammars.grammar import Grammar, Says, compiled, rules

_KIN = (
    r"(?:sœur|soeur|frère|mère|père|maman|papa|femme|mari|fils|fille|copine|copain|compagnon|compagne"
    r"|amie?|chef|chienn?e?|chatt?e?|grand-mère|grand-père|tante|oncle|cousine?)"
)
FRENCH: Final = Grammar(
    lead=compiled(
        r"(?:(?:s'il te plaît|bonjour|salut|oh|bon|oui|non|au fait|en fait|et|mais|souviens-toi|note"
        r"|retiens)(?: que)?[,:!]? +){0,3}"
    ),
    asked=compiled(r"(?:s'il te plaît,? )?(?:souviens-toi|souvenez-vous|note|notez|retiens|retenez)(?: que|:) +"),
    joint=compiled(r"(?: *[,;] *(?:(?:et|mais) +)?| +(?:et|mais) +)(?=(?:je |j'|mon |ma |mes ))"),
    doubt=compiled(
        r"\b(?:si|peut-être|imagine|imaginons|supposons|serais?|serait|aurais?|aurait|pourrais?|pourrait"
        r"|crois|pense|dit|disait|a dit|selon|d'après|écrit|demande|demandé|avant)\b"
    ),
    material=compiled(
        r"(?:s'il te plaît,? )?(?:peux-tu |pouvez-vous |pourrais-tu )?(?:traduis|traduire|écris|écrire"
        r"|corrige[rz]?|rédige[rz]?|résume[rz]?|reformule[rz]?|imagine|fais semblant|voici|voilà)\b"
    ),
    vague=compiled(
        r"(?:ça|cela|ce|ceci|cet(?:te)?|ces|lui|eux|elle|il|toi|te|ton|ta|tes|vous|votre|que|comment|où"
        r"|quand|tout|rien|bien que|pas|plus)\b"
    ),
    idle=compiled(
        r"(?:savoir|demander|dire|voir|mourir|dormir|partir|rentrer|parler|comprendre|réserver"
        r"|commander)\b"
    ),
    rules=rules(
        (Says.NAME, r"(?:je m'appelle|mon (?:nom|prénom) est|appelle[zs]?-moi) (?P<o>.+)"),
        (
            Says.FACT,
            (
                rf"(?:mon|ma) {_KIN} (?:s'appelle|habite|vit|travaille|est (?=une? |allergique|végétarien"
                r"|infirmi|médecin|professeur)) ?(?P<o>.+)"
            ),
        ),
        (Says.FACT, r"mon anniversaire(?:,? c'est| est) (?P<o>.+)"),
        (Says.FACT, r"(?:mon|ma) (?:[\w]+ )(?:préférée?|favorite?) est (?P<o>.+)"),
        (
            Says.FACT,
            (
                r"(?:j'habite|je vis|je travaille|j'étudie|je suis née?) (?P<o>(?:à|en|au|aux|chez|dans|comme|le"
                r"|pour) .+)"
            ),
        ),
        (Says.FACT, r"je suis (?P<o>(?:végétarien(?:ne)?|végane?|mariée?|célibataire|divorcée?|de (?-i:[A-Z])).*)"),
        (Says.FACT, r"j'ai (?P<o>\d+ ans.*)"),
        (
            Says.TASTE,
            (
                r"(?:je préfère|j'aime(?: bien| beaucoup)?|j'adore|je déteste|je n'aime pas|je ne (?:mange|bois"
                r"|supporte) pas(?: de| d')?|je ne peux pas manger(?: de| d')?) ?(?P<o>.+)"
            ),
        ),
        (Says.TASTE, r"je suis allergique (?:à|au|aux) (?P<o>.+)"),
        (Says.TASK, r"(?:je dois|rappelle[zs]?-moi d[e'] ?) ?(?P<o>.+)"),
        (Says.DATED_TASK, r"je vais (?P<o>.+)"),
        (
            Says.GOAL,
            (
                r"(?:je veux|je voudrais|j'aimerais|mon (?:objectif|but|rêve) est d[e']) ?(?P<o>\w+(?:er|ir|re"
                r"|oir)\b.*)"
            ),
        ),
    ),
)
