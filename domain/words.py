"""Words of a text, as search compares them: lower case, without those that say nothing by themselves."""

import re
import unicodedata

# Scripts written without spaces come apart into characters: Han, Hiragana, Katakana, Thai, Lao, Khmer and Burmese.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\\W_])+")

SNOWBALL = {
    "ar": "arabic",
    "hy": "armenian",
    "eu": "basque",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "nl": "dutch",
    "en": "english",
    "eo": "esperanto",
    "et": "estonian",
    "fi": "finnish",
    "fr": "french",
    "de": "german",
    "el": "greek",
    "hi": "hindi",
    "hu": "hungarian",
    "id": "indonesian",
    "ga": "irish",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "no": "norwegian",
    "nb": "norwegian",
    "nn": "norwegian",
    "fa": "persian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "es": "spanish",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Languages (ISO 639-1) by the name of their Snowball stemmer, which is the name of their PostgreSQL dictionary too."""

STOP_WORDS = {
    "en": frozenset(
        "a about after all also am an and any are aren as at be been before being both but by can cannot could "
        "couldn d "
        "did didn do does doesn doing don during each else ever few for from had has have having he her here hers him "
        "his how i if in into is isn it its itself just ll m may me might more most must my no nor not of off on once "
        "only or other our ours out over own please re s same shall she should shouldn so some such t than that the "
        "their them then there these they this those through to too under until up us ve very was wasn we were what "
        "when where which while who whom whose why will with won would wouldn you your yours".split()
    ),
    "de": frozenset(
        "ab aber alle allem allen aller alles als also am an andere auch auf aus bei beim bin bis bist bitte da damit "
        "dann das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort "
        "du "
        "durch ein eine einem einen einer eines er es etwas euch euer eure für gegen haben habe hat hatte hier ich ihm "
        "ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder jedes kann kannst kein keine "
        "können könnte könnten man mein meine meinem meinen meiner mich mir mit möchte möchten muss müssen nach nicht "
        "noch nun nur ob oder ohne sehr sein seine sich sie sind so soll sollte sondern um und uns unser unsere unter "
        "vom von vor wann war waren warum was weil welche welchem welchen welcher welches wenn wer werde werden wie "
        "wieder will wir wird wirst wo wollen wurde würde würden zu zum zur über".split()
    ),
    "es": frozenset(
        "a al algo algunas algunos ante antes como con contra cual cuales cuando de del desde donde durante e el ella "
        "ellas ellos en entre era es esa esas ese eso esos esta estas este esto estos está están estoy favor fue ha "
        "han "
        "has hasta hay he la las le les lo los me mi mis mucho muy más ni no nos nosotros nuestra nuestro o os otra "
        "otro "
        "para pero por porque puede puedo que quien quiero quisiera qué se sea ser si sin sobre son soy su sus también "
        "te tengo tiene tienen todo todos tu tus un una uno unos usted ustedes y ya yo él cuál cuándo cuánto cuánta "
        "cuántos cuántas cómo dónde quién sí".split()
    ),
    "fr": frozenset(
        "a ai as au aux avec avez avons c ce ces cet cette comment d dans de des du elle en es est et eu eux il ils "
        "j je "
        "l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont ou où par pas peut peux "
        "plus pour pouvez puis qu quand que quel quelle quelles quels qui quoi s sa sans se ses si sont sous sur t "
        "ta te "
        "tes toi ton tu un une vos votre vous voudrais y à été être ça combien plaît".split()
    ),
    "cs": frozenset(
        "a aby ale ani ano asi až bez bude budou by bych byl byla bylo být co či do ho i jak jaká jaké jaký je jeho "
        "její "
        "jejich jen ještě ji jsem kolik jsi jsme jsou jste k kam kde kdo kdy když ke která které který kterou "
        "kterého ma má "
        "mám máme máte mě mi mít mne mně mohl mohu moc moje může můžete můžu my na nad nám nás náš naše ne nebo než "
        "nic o "
        "od on ona ono po pod podle pokud pro prosím proč před při s se si svůj ta tak také tam te tedy ten tento ti "
        "to "
        "tu tuto ty tím u už v vám vás váš vaše ve více však vy z za ze že chci chtěl chtěla bychom".split()
    ),
}
"""Words that say nothing by themselves, by language (ISO 639-1)."""


def words(text: str) -> list[str]:
    """The words and numbers of `text` in order, in lower case and NFKC."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def primary(language: str) -> str:
    """The language of a BCP 47 tag: `de` of `de-AT`."""
    return language.replace("_", "-").split("-", 1)[0].lower()
