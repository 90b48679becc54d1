import html
from collections.abc import Mapping

from typing_extensions import override

from application.ports.letters import Letters, ValuesMissing, Written
from domain.mail import MailKind


class MemoryLetters(Letters):
    """Writes the values and no words around them: one a line in the text, one a paragraph in the HTML."""

    @override
    def write(self, kind: MailKind, values: Mapping[str, str]) -> Written:
        for needed in ("link", "preferences") if kind.optional else ("link",):
            if needed not in values:
                raise ValuesMissing(needed)
        text = "\n".join(f"{name}: {value}" for name, value in values.items())
        paragraphs = "".join(f"<p>{html.escape(value)}</p>" for value in values.values())
        return Written(subject=kind.replace("_", " ").capitalize(), text=text, html=paragraphs)
