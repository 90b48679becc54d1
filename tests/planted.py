"""Finds secrets where they do not belong: in what is answered, and in what is written to logs.

What is secret is learnt from the traffic itself: the credentials and passwords that requests carry, and what answers
issue. An answer may hold a secret only where it issues it, and its replay.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import Any, cast

import pytest

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Any, Receive, Send], Awaitable[None]]

ASKED = frozenset({"password", "current", "new", "token", "api_token"})
"""The fields of requests that hold secrets."""
ISSUED = frozenset({"token", "visitor_token", "secret", "recovery_codes", "uri"})
"""The fields of answers that issue some."""
_SHORTEST = 12  # characters: what is shorter is found everywhere by chance
_LONGEST_BODY = 4_000_000
_WORD = re.compile(rf"[\w-]{{{_SHORTEST},}}", re.ASCII)
_LETTER = re.compile(r"#token=[\w-]+")
"""A letter on the console holds its link: there it belongs."""


class Planted:
    """The secrets so far, and where any of them was seen that must not be.

    Attributes:
        leaks: what was found since somebody took them; each says where, and never which.
    """

    def __init__(self, *secrets: str) -> None:
        self.leaks: list[str] = []
        self._words: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        for secret in secrets:
            self.plant(secret, "nowhere")

    def plant(self, secret: str, place: str) -> None:
        """From now on the secret may be in answers at `place` alone."""
        if len(secret) >= _SHORTEST:
            known = self._words if _WORD.fullmatch(secret) else self._texts
            known.setdefault(secret, place)

    def look(self, text: str, place: str) -> None:
        """Notes the secrets that are in the text and belong elsewhere."""
        words = (word for word in _WORD.findall(text) if word in self._words)
        found = {self._words[word] for word in words} | {self._texts[each] for each in self._texts if each in text}
        self.leaks += [f"A secret of {origin} is in {place}." for origin in sorted(found - {place})]

    def look_at_logs(self, text: str, place: str) -> None:
        """As `look`, in text that may show letters."""
        self.look(_LETTER.sub("", text), place)

    def judged(self, report: pytest.TestReport) -> pytest.TestReport:
        """The report of a part of a test, failed when a secret was seen meanwhile or is in what it has written."""
        if report.when == "teardown":
            for name, text in report.sections:
                self.look_at_logs(text, name)
        if leaks := self.take():
            report.outcome, report.longrepr = "failed", "\n".join(leaks)
        return report

    def take(self) -> list[str]:
        """The leaks found; from now on they are forgotten."""
        found, self.leaks = self.leaks, []
        return found

    def around(self, app: Asgi) -> Asgi:
        """The application, each of whose answers is looked at."""

        async def watched(scope: Any, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            exchange = _Exchange(self, scope)
            try:
                await app(scope, exchange.receiving(receive), exchange.sending(send))
            finally:
                exchange.end()

        return watched


PLANTED = Planted()
"""Those of all instances that tests start in this process."""


class _Exchange:
    """A request and its answer."""

    def __init__(self, planted: Planted, scope: Any) -> None:
        self._planted = planted
        self._place = f"{scope['method']} {scope['path']}"
        self._asked, self._answered, self._heads = bytearray(), bytearray(), ""
        for name, value in scope["headers"]:
            if name == b"authorization":
                planted.plant(value.decode("latin-1").partition(" ")[2], "a request")

    def receiving(self, receive: Receive) -> Receive:
        async def received() -> Message:
            message = await receive()
            self._asked += message.get("body", b"")[:_LONGEST_BODY]
            return message

        return received

    def sending(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._heads = "\n".join(value.decode("latin-1") for _, value in message["headers"])
            elif len(self._answered) < _LONGEST_BODY:
                self._answered += message.get("body", b"")
            await send(message)

        return sent

    def end(self) -> None:
        """Learns what the request held and the answer issued, and looks at the answer."""
        asked, answered = (body.decode(errors="replace") for body in (self._asked, self._answered))
        for secret in _held(asked, ASKED):
            self._planted.plant(secret, "a request")
        for secret in _held(answered, ISSUED):
            self._planted.plant(secret, self._place)
        self._planted.look(f"{self._heads}\n{answered}", self._place)


def _held(body: str, fields: frozenset[str]) -> Iterable[str]:
    if not any(f'"{name}"' in body for name in fields):
        return ()
    try:
        return list(_values(json.loads(body), fields))
    except (ValueError, RecursionError):
        return ()


def _values(value: object, fields: frozenset[str]) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in cast("dict[str, object]", value).items():
                yield from _texts(inner) if name in fields else _values(inner, fields)
        case list():
            for inner in cast("list[object]", value):
                yield from _values(inner, fields)
        case _:
            return


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (each for each in cast("list[object]", value) if isinstance(each, str))
