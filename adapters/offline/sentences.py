import re

_BULLET = re.compile(r"\A\s*(?:[-*+•>]|\d{1,9}[.)]|#{1,6})\s+")
_ITEM = re.compile(r"\A\s*(?:[-*+•]|\d{1,9}[.)])\s+")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)([^*`\n]{1,400}?)(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\(([^)\s]{1,500})\)")
_RULE = re.compile(r"[\s|:=*_~`-]*")
LONGEST_QUOTE = 600


def plain(sentence: str) -> str:
    """A sentence of Markdown as one line of plain text, in at most some 600 characters; empty when it has no words."""
    if _RULE.fullmatch(sentence):
        return ""
    text = _BULLET.sub("", sentence)
    text = _LINK.sub(r"\1 (\2)", _EMPHASIS.sub(r"\2", text))
    if text.lstrip().startswith("|"):
        text = ", ".join(cell.strip() for cell in text.split("|") if cell.strip())
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rsplit(' ', 1)[0]} …"


def is_item(sentence: str) -> bool:
    """Whether a sentence of Markdown begins an item of a list."""
    return _ITEM.match(sentence) is not None
