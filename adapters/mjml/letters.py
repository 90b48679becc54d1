import html
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import NamedTuple

from mjml import mjml2html
from typing_extensions import override

from application.ports.letters import Letters, ValuesMissing, Written
from domain.mail import MailKind

_TEMPLATES = files("adapters.mjml") / "templates"
_SUBJECT = "Subject: "


class MjmlLetters(Letters):
    """Writes letters from `templates`: `<kind>.txt`, whose first line is the subject, and `<kind>.mjml` for the HTML.

    MJML becomes HTML once for each kind, before any value is filled in, so that values meet no parser but the reader's.
    """

    @override
    def write(self, kind: MailKind, values: Mapping[str, str]) -> Written:
        template = _template(kind)
        escaped = {name: html.escape(value) for name, value in values.items()}
        try:
            return Written(
                subject=template.subject.substitute(values),
                text=template.text.substitute(values),
                html=template.html.substitute(escaped),
            )
        except KeyError as missing:
            raise ValuesMissing(str(missing.args[0])) from missing


class _Parts(NamedTuple):
    subject: Template
    text: Template
    html: Template


@cache
def _template(kind: MailKind) -> _Parts:
    head, _, body = _file(f"{kind}.txt").partition("\n")
    markup = mjml2html(_file(f"{kind}.mjml"), include_loader=_file, fonts={})
    return _Parts(Template(head.removeprefix(_SUBJECT)), Template(body.lstrip("\n")), Template(markup))


def _file(path: str) -> str:
    return (_TEMPLATES / path).read_text(encoding="utf-8")
