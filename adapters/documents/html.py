import re
from typing import Any

from bs4 import BeautifulSoup, Comment, Doctype
from markdownify import MarkdownConverter

from adapters.documents.plain import charset_of
from application.ports.text_extractor import Extracted

_DROPPED = (
    "script style template noscript nav footer iframe object embed svg math canvas audio video form button select "
    "input textarea dialog img picture map head"
).split()
_KEPT_LINK = re.compile(r"(?:https?://|mailto:|tel:)\S{1,500}", re.IGNORECASE)


def read_html(data: bytes, media_type: str) -> Extracted:
    """A page as Markdown, without what is around its words: menus, scripts, forms, pictures."""
    soup = BeautifulSoup(data, "lxml", from_encoding=charset_of(media_type))
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    return Extracted(text=markdown_of(soup), title=title or None)


def markdown_of(soup: BeautifulSoup) -> str:
    """The document as Markdown."""
    for element in soup.find_all(_DROPPED):
        element.decompose()
    for remark in soup.find_all(string=lambda each: isinstance(each, Comment | Doctype)):
        remark.extract()
    whole = soup.find("main") or soup.find("article") or soup
    # In a text that is quoted and searched, a backslash before an underscore is a mistake.
    converter = _Converter(
        heading_style="ATX", bullets="-", escape_asterisks=False, escape_underscores=False, escape_misc=False
    )
    return str(converter.convert_soup(whole))


class _Converter(MarkdownConverter):
    """Keeps of a link its words, and its address where that leads anywhere from here."""

    def convert_a(self, el: Any, text: str, parent_tags: Any) -> str:
        address, words = str(el.get("href") or ""), text.strip()
        if not words or "_noformat" in parent_tags or not _KEPT_LINK.fullmatch(address):
            return text
        return text.replace(words, f"[{words}]({address})", 1)
