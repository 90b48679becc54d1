from typing import Final

from domain.memories.grammars.grammar import Grammar, Says, compiled, rules

_KIN = (
    r"(?:sestra|bratr|máma|maminka|matka|táta|otec|manžel(?:ka)?|žena|muž|syn|dcera|přítel(?:kyně)?"
    r"|kamarád(?:ka)?|šéf(?:ová)?|pes|kočka|kocour|babička|děda|teta|strýc)"
)
CZECH: Final = Grammar(
    lead=compiled(
        r"(?:(?:prosím|ahoj|no|jo|ano|ne|mimochodem|a|ale|já|pamatuj si"
        r"|zapamatuj si)(?:,? že)?[,:!]? +){0,3}"
    ),
    asked=compiled(r"(?:prosím,? )?(?:pamatuj si|zapamatuj si|poznamenej si)(?:, že|:) +"),
    joint=compiled(
        r"(?: *[,;] *(?:(?:a|ale) +)?| +(?:a|ale) +)(?=(?:můj|moje|má|bydlím|pracuji|pracuju|musím|chci"
        r"|mám rád|mám ráda|nemám)\b)"
    ),
    doubt=compiled(
        r"\b(?:kdyby|kdybych|pokud|jestli|jestliže|možná|asi|snad|bych|bys|by|představ si|řekněme|myslím"
        r"|prý|říká|řekl[ai]?|napsal[ai]?|ptal[ai]? se|podle|dříve|kéž)\b"
    ),
    material=compiled(
        r"(?:prosím,? )?(?:můžeš |mohl bys )?(?:přelož\w*|napiš|oprav\w*|shrň|přepiš|představ si|tady je"
        r"|toto je|zde je)\b"
    ),
    vague=compiled(
        r"(?:to|toto|tohle|tento|ten|ta|ti|ty|je|ho|jej|ji|jim|tebe|tě|tvůj|tvoje|vás|váš|co|jak|kde|kdy"
        r"|že|všechno|nic|něco|tak)\b"
    ),
    idle=compiled(r"(?:vědět|zeptat|říct|říci|umřít|spát|jít|slyšet|mluvit|rezervovat|objednat|se zeptat)\b"),
    rules=rules(
        (Says.NAME, r"(?:jmenuji se|jmenuju se|říkej(?:te)? mi) (?P<o>.+)"),
        (
            Says.FACT,
            (
                rf"(?:moje|můj|má) {_KIN} (?:se jmenuje|bydlí|žije|pracuje|je (?=alergick|vegetarián|učitel"
                r"|lékař|doktor)) ?(?P<o>.+)"
            ),
        ),
        (Says.FACT, r"(?:moje narozeniny jsou|narozeniny mám|mám narozeniny) (?P<o>.+)"),
        (Says.FACT, r"(?:moje|můj|má) oblíben[áýé] \w+ je (?P<o>.+)"),
        (Says.FACT, r"(?:bydlím|žiji|žiju|pracuji|pracuju|studuji|studuju) (?P<o>(?:v|ve|na|u|jako|pro) .+)"),
        (
            Says.FACT,
            (
                r"jsem (?P<o>(?:z (?-i:[A-ZÁ-Ž])|vegetarián(?:ka)?|vegan(?:ka)?|ženatý|vdaná|svobodn[ýá]"
                r"|rozveden[ýá]).*)"
            ),
        ),
        (
            Says.TASTE,
            (
                r"(?:preferuji|preferuju|mám (?:moc )?rád[a]?|nemám rád[a]?|miluji|miluju|nesnáším|nejím|nepiji"
                r"|nepiju|nemůžu jíst|nemohu jíst|dávám přednost) (?P<o>.+)"
            ),
        ),
        (Says.TASTE, r"jsem alergick[ýá] na (?P<o>.+)"),
        (Says.TASK, r"(?:musím|budu muset|připomeň mi,? (?:že mám|abych)?) ?(?P<o>.+)"),
        (Says.GOAL, r"(?:chci|mým cílem je|mým snem je) (?P<o>(?:se )?\w+[tc]i?\b.*)"),
    ),
)
