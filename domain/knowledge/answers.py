"""Questions and their answers, as they are written into a knowledge base."""

from domain.knowledge.lines import fence_of, lines

_LONGEST = 150


def heading_of(question: str) -> str:
    """The question as the title of a heading: one line, shortened to 150 characters.

    Whatever the question holds, it makes one heading and nothing else.
    """
    words = " ".join(question.split()).strip("#*_ ") or "?"
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


def with_answer(knowledge: str, question: str, answer: str) -> str:
    """The knowledge (Markdown) with the answer under a heading of its own at the end."""
    before = [knowledge.rstrip(), _unclosed_fence(knowledge)]
    return "\n\n".join([*filter(None, before), f"## {heading_of(question)}", answer.strip()])


def _unclosed_fence(knowledge: str) -> str:
    """What closes the code block that goes on to the end of the knowledge, else nothing."""
    fence = ""
    for _, line in lines(knowledge, 0, len(knowledge)):
        if not fence:
            fence = fence_of(line)
        elif line.strip().startswith(fence) and fence_of(line) == line.strip():
            fence = ""
    return fence
