"""The table of questions to the demo business, for every way of asking them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path(__file__).parent / "adapters" / "offline" / "questions.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and of what the answer must hold one (as it stands in the source, white space aside)."""

    ask: str
    expect: tuple[str, ...]

    def answered_by(self, answer: str) -> bool:
        said = " ".join(answer.split())
        return any(expected in said for expected in self.expect)


def _questions() -> tuple[Question, ...]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(Question(ask=row["ask"], expect=tuple(row.get("expect", ()))) for row in table["question"])


QUESTIONS = _questions()
ANSWERABLE = tuple(question for question in QUESTIONS if question.expect)
UNANSWERABLE = tuple(question for question in QUESTIONS if not question.expect)
REFUSAL = "I don't know"
