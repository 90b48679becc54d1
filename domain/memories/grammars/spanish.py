from typing import Final

from domain.memories.grammars.grammar import Grammar, Says, compiled, rules

_KIN = (
    r"(?:herman[oa]|madre|padre|mamá|papá|espos[oa]|marido|mujer|hij[oa]|novi[oa]|pareja|amig[oa]"
    r"|jef[ea]|perr[oa]|gat[oa]|abuel[oa]|tí[oa]|prim[oa])"
)
SPANISH: Final = Grammar(
    lead=compiled(
        r"(?:(?:por favor|hola|oye|bueno|sí|no|por cierto|la verdad|y|pero|recuerda"
        r"|ten en cuenta)(?: que)?[,:!]? +){0,3}"
    ),
    asked=compiled(r"(?:por favor,? )?(?:recuerda|ten en cuenta|anota)(?: que|:) +"),
    joint=compiled(
        r"(?: *[,;] *(?:(?:y|pero) +)?| +(?:y|pero) +)(?=(?:yo|mi|mis|me|vivo|trabajo|prefiero|odio|tengo"
        r"|quiero)\b)"
    ),
    doubt=compiled(
        r"\b(?:si|quizás?|tal vez|ojalá|sería|podría|fuera|tuviera|imagina|supongamos|supón|creo"
        r"|dice[ns]?|dijo|dijeron|según|cita|escribió|preguntó|cree|antes)\b"
    ),
    material=compiled(
        r"(?:por favor,? )?(?:puedes |podrías )?(?:traduc\w+|escrib\w+|corrig\w+|redact\w+|resum\w+"
        r"|imagina|finge|aquí está|este es)\b"
    ),
    vague=compiled(
        r"(?:es[oa]s?|est[oae]s?|ell[oa]s?|él|tú|tu|tus|usted|lo|la que|lo que|qué|que|cómo|donde|todo"
        r"|nada|algo|así|más|no)\b"
    ),
    idle=compiled(r"(?:saber|preguntar|decir|ver|morir|dormir|irme|ir a casa|hablar|entender|reservar|pedir)\b"),
    rules=rules(
        (Says.NAME, r"(?:me llamo|mi nombre es|llámame) (?P<o>.+)"),
        (
            Says.FACT,
            (
                rf"mi {_KIN} (?:se llama|vive en|trabaja (?:en|de|como)|es (?=una? |alérgic|vegetarian"
                r"|vegan)) ?(?P<o>.+)"
            ),
        ),
        (Says.FACT, r"(?:mi|nuestro) (?:cumpleaños|aniversario) es (?P<o>.+)"),
        (Says.FACT, r"mi (?:[\w]+ )?(?:favorit[oa]|\w+ favorit[oa]|teléfono|dirección|profesión) es (?P<o>.+)"),
        (Says.FACT, r"(?:yo )?(?:vivo|trabajo|nací|estudio) (?:en|de|como|para|el) (?P<o>.+)"),
        (
            Says.FACT,
            (
                r"(?:yo )?soy (?P<o>(?:de (?-i:[A-Z])|vegetarian[oa]|vegan[oa]|casad[oa]|solter[oa]"
                r"|divorciad[oa]).*)"
            ),
        ),
        (Says.FACT, r"tengo (?P<o>\d+ años.*)"),
        (
            Says.TASTE,
            (
                r"(?:yo )?(?:prefiero|odio|detesto|adoro|no como|no bebo|no puedo comer|(?:no )?me gustan?"
                r"|me encantan?) (?P<o>.+)"
            ),
        ),
        (Says.TASTE, r"(?:yo )?soy alérgic[oa] a (?P<o>.+)"),
        (Says.TASK, r"(?:tengo que|debo|recuérdame) (?P<o>.+)"),
        (Says.DATED_TASK, r"voy a (?P<o>.+)"),
        (Says.GOAL, r"(?:quiero|me gustaría|mi (?:objetivo|meta|sueño) es) (?P<o>\w+[aei]r(?:me|lo)?\b.*)"),
    ),
)
