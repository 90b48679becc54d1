"""What users ask of what is remembered of them."""

import re
import unicodedata
from typing import Final

# Users write in other languages than their workspace's: each is looked for, without case and accents. Words of scripts
# that are written without spaces stand anywhere.
_FORGET: Final = (
    r"forget|unlearn|erase|delete|remove|wipe|scrub|drop|discard|get rid of|clear",
    r"(?:don'?t|do not|no longer|stop) (?:remember|keep|stor|sav)\w*",
    r"vergiss|vergesst|vergessen|losch\w*|loesch\w*|entfern\w*|streich\w*|merk\w*(?: \w+){0,4} nicht",
    r"olvid\w*|borra\w*|borre\w*|elimin\w*|quita\w*|suprim\w*",
    r"oubli\w*|effac\w*|supprim\w*|enlev\w*",
    r"zapom\w*|smaz\w*|vymaz\w*|odstran\w*|zahod\w*|zabud\w*|zmaz\w*",
    r"dimentic\w*|scord\w*|cancell\w*|rimuov\w*|esquec\w*|apag\w*|exclu\w*|remov\w*|uita\w*|sterge\w*",
    r"vergeet|vergeten|wis|verwijder\w*|glem\w*|slet\w*|slett\w*|glom\w*|radera\w*|fjern\w*|poist\w*|unohd\w*",
    r"zapomn\w*|usun\w*|skasuj\w*|felejts\w*|torol\w*|unut\w*|sil|siler\w*|lupakan|hapus\w*",
    r"забуд\w*|удали\w*|сотр\w*|видали\w*|заборав\w*|обриш\w*|ξεχασε\w*|ξεχνα\w*|διαγραψε\w*|σβησε\w*",
)
_UNSPACED: Final = "忘れ|削除|消して|忘记|忘記|忘掉|删除|刪除|删掉|잊어|삭제|지워|ลืม|ลบ|भूल|हटा|انس|احذف|فراموش|حذف"
_NOT: Final = (
    r"(?:don'?t|do not|never|can'?t|cannot|won'?t|not to|didn'?t)(?: (?:ever|you|please))? forget"
    r"|vergiss(?: \w+){0,2} (?:nicht|nie)|nicht(?: \w+)? vergessen"
    r"|no (?:te |se |lo |la |me )?olvid\w*|n'oubli\w*|ne (?:l'|m'|t'|pas )?oubli\w*|non dimentic\w*|non scord\w*"
    r"|nao (?:te |se |me )?esquec\w*|vergeet(?: \w+){0,2} niet|niet vergeten|nie zapomn\w*|не забуд\w*"
    r"|glem(?: \w+)? ikke"
)
_WISH: Final = re.compile(rf"(?<!\w)(?:{'|'.join(_FORGET)})(?!\w)|{_UNSPACED}")
_NO_WISH: Final = re.compile(rf"(?<!\w)(?:{_NOT})(?!\w)")
_ACCENT: Final = re.compile("[\u0300-\u036f]")
_LONGEST: Final = 4_000
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})  # noqa: RUF001 (the apostrophes that people type)


def asks_to_forget(text: str) -> bool:
    """Whether who wrote it may want something forgotten: told generously, in many languages, by its beginning and end.

    It keeps texts that others wrote from having anything forgotten, which they cannot make the user say.
    """
    said = text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n{text[-_LONGEST // 2 :]}"
    return _WISH.search(_NO_WISH.sub(" ", _folded(said))) is not None


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.translate(_APOSTROPHES).casefold())
    bare = "".join(letter for letter in decomposed if not _ACCENT.match(letter))
    return unicodedata.normalize("NFC", " ".join(bare.split()))
