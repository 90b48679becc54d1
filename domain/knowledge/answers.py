"""Questions and their answers, as they are written into a knowledge base."""

import re

from domain.knowledge.lines import fence_of, lines

_LONGEST = 150
_HIGH = re.compile(r"^ {0,3}#{1,2}[ \t]+")


def heading_of(question: str) -> str:
    """The question as the title of a heading: one line, shortened to 150 characters.

    Whatever the question holds, it makes one heading and nothing else.
    """
    words = " ".join(question.split()).strip("#*_ ") or "?"
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


def with_answer(knowledge: str, question: str, answer: str) -> str:
    """The knowledge (Markdown) with the answer under a heading of its own at the end, its own headings below that."""
    before = [knowledge.rstrip(), _unclosed_fence(knowledge)]
    return "\n\n".join([*filter(None, before), f"## {heading_of(question)}", _below(answer.strip())])


def _below(answer: str) -> str:
    """The answer with headings of the third level at most, so that none takes what is added later under it."""
    lowered: list[str] = []
    fence = ""
    for line in answer.splitlines():
        if not fence:
            fence = fence_of(line)
            line = line if fence else _HIGH.sub("### ", line)  # noqa: PLW2901 (the line as it is kept)
        elif line.strip().startswith(fence) and fence_of(line) == line.strip():
            fence = ""
        lowered.append(line)
    return "\n".join(lowered)


def _unclosed_fence(knowledge: str) -> str:
    """What closes the code block that goes on to the end of the knowledge, else nothing."""
    fence = ""
    for _, line in lines(knowledge, 0, len(knowledge)):
        if not fence:
            fence = fence_of(line)
        elif line.strip().startswith(fence) and fence_of(line) == line.strip():
            fence = ""
    return fence
