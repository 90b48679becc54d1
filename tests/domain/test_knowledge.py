from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.ids import WorkspaceId
from domain.knowledge import MOST_PASSAGES, Piece, Source, TooManyPassages, passages_of, sentences, split
from domain.knowledge.pieces import LARGEST_PIECE

OVERLAP = 200
WORDY = "Lorem ipsum dolor sit amet consectetur. "

markdown = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "# Title",
                "## Sub *title* ##",
                "###### Deep",
                "#",
                "#hashtag",
                "Title\n===",
                "Sub\n---",
                "---",
                "- item",
                "* item\n  more of it",
                "12. item",
                "| a | b |\n|---|---|\n| c | d |",
                "```python\n# no heading\n\nx = 1\n```",
                "~~~\nopen",
                "    indented",
                "",
                "\r",
                " \t ",
                WORDY * 10,
                WORDY * 40,
                "x" * 2_000,
                "| row |\n" * 200,
                "```\n" + "code\n" * 400 + "```",
            ]
        ),
        st.text(max_size=80),
    ),
    max_size=12,
).map("\n".join)


def visible(text: str) -> str:
    return "".join(text.split())


def headings_of(text: str) -> list[tuple[str, str]]:
    return [(piece.heading, piece.text) for piece in split(text)]


def test_headings_become_the_path_of_what_is_under_them() -> None:
    text = (
        "Before.\n# Studio\nA.\n## Prices ##\nB.\n### **Extra**\nC.\n"
        "## Parking\nD.\n\nOther\n=====\nE.\n\nLast\n---\nF."
    )

    assert headings_of(text) == [
        ("", "Before."),
        ("Studio", "A."),
        ("Studio › Prices", "B."),
        ("Studio › Prices › Extra", "C."),
        ("Studio › Parking", "D."),
        ("Other", "E."),
        ("Other › Last", "F."),
    ]


def test_a_heading_with_nothing_under_it_is_kept_as_text() -> None:
    assert headings_of("# Studio\n## Empty\n## Prices\nB.\n## End") == [
        ("Studio", "## Empty"),
        ("Studio › Prices", "B."),
        ("Studio", "## End"),
    ]


@pytest.mark.parametrize("line", ["#hashtag", "#", "####### seven", "# " + "x" * 250, "---", "==="])
def test_what_only_looks_like_a_heading_is_text(line: str) -> None:
    assert headings_of(line) == [("", line)]


def test_an_underline_makes_a_heading_of_one_line_only() -> None:
    assert headings_of("Two\nlines\n---\nAfter.") == [("", "Two\nlines\n---\nAfter.")]
    assert headings_of("x" * 250 + "\n---") == [("", "x" * 250 + "\n---")]


def test_neighbouring_paragraphs_under_one_heading_share_a_piece() -> None:
    assert headings_of("# A\n\nOne.\n\n- Two\n- Three\n\n\n| 4 |\n| 5 |\n") == [
        ("A", "One.\n\n- Two\n- Three\n\n\n| 4 |\n| 5 |")
    ]


def test_a_long_section_comes_in_pieces_of_some_hundred_characters() -> None:
    paragraph = (WORDY * 6).strip()

    pieces = split("# A\n\n" + "\n\n".join([paragraph] * 20))

    assert len(pieces) > 3
    assert all(300 <= len(piece.text) <= 900 for piece in pieces)


def test_a_small_remainder_joins_the_piece_before_it() -> None:
    pieces = split((WORDY * 22).strip() + "\n\nThe end is near.")

    assert len(pieces) == 1
    assert len(pieces[0].text) > 880


def test_code_and_tables_are_cut_only_when_they_are_too_large() -> None:
    code = "```\n" + "# a comment\n\n" * 80 + "```"
    table = "| a | b |\n" * 100

    assert [len(piece.text) for piece in split(f"{code}\n\n{table}")] == [len(code), len(table) - 1]
    assert all(piece.text.count("\n") >= 1 for piece in split("| a | b |\n" * 1_000))


def test_a_fence_ends_only_with_the_same_marks() -> None:
    text = "````\n```\n# code\n~~~~\n````\n# Title\nText."

    assert headings_of(text) == [("", "````\n```\n# code\n~~~~\n````"), ("Title", "Text.")]


def test_back_ticks_within_a_line_open_no_fence() -> None:
    assert headings_of("```inline``` code\n\n# Title\nText.") == [("", "```inline``` code"), ("Title", "Text.")]


def test_a_fence_without_end_goes_on_to_the_end() -> None:
    assert headings_of("~~~ text\n# Title\nText.") == [("", "~~~ text\n# Title\nText.")]


def test_long_paragraphs_are_cut_between_sentences() -> None:
    pieces = split(WORDY * 100)

    assert all(piece.text.endswith("consectetur.") for piece in pieces)


def test_what_has_no_sentences_is_cut_between_words() -> None:
    pieces = split("word " * 1_000)

    assert all(set(piece.text.split()) == {"word"} for piece in pieces)
    assert all(one.end < other.start for one, other in pairwise(pieces))


def test_a_paragraph_that_goes_on_in_another_piece_begins_there_with_the_sentences_before() -> None:
    said = [f"This is what the sentence number {number:03} of the paragraph says." for number in range(60)]

    first, second, *_ = split(" ".join(said))

    repeated = [sentence for sentence in said if sentence in first.text and sentence in second.text]
    assert 2 <= len(repeated) <= 3
    assert second.text.startswith(" ".join(repeated))
    assert first.text.endswith(" ".join(repeated))
    assert len(" ".join(repeated)) <= OVERLAP


def test_a_list_that_goes_on_in_another_piece_begins_there_with_the_items_before() -> None:
    items = [f"- Item number {number:03}, about which there is something to say" for number in range(60)]

    first, second, *_ = split("# List\n" + "\n".join(items))

    assert [item for item in items if item in first.text and item in second.text] == [
        line for line in first.text.splitlines() if line in second.text
    ]
    assert second.text.splitlines()[0] in first.text
    assert second.heading == "List"


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([(WORDY * 20).strip(), "A paragraph of its own. " * 20], id="two paragraphs"),
        pytest.param(["```\n" + "code()\n" * 300 + "```"], id="code"),
        pytest.param(["| a | b |\n" * 300], id="a table"),
        pytest.param(["word " * 300], id="no sentence that short"),
    ],
)
def test_nothing_else_is_in_two_pieces(parts: list[str]) -> None:
    pieces = split("\n\n".join(parts))

    assert len(pieces) > 1
    assert all(one.end <= other.start for one, other in pairwise(pieces))


def test_a_last_sentence_that_is_long_is_not_repeated() -> None:
    pieces = split(
        " ".join(["A sentence of so many words that it is longer than what is repeated" + ", or so" * 30 + "."] * 9)
    )

    assert all(one.end <= other.start for one, other in pairwise(pieces))


def test_a_repeated_sentence_makes_no_piece_too_large() -> None:
    text = "A short one at the end. " * 36 + "x" * 890 + ". " + "y" * 280 + "."

    assert max(len(piece.text) for piece in split(text)) > 1_150
    assert all(len(piece.text) <= LARGEST_PIECE for piece in split(text))


def test_offsets_count_code_points() -> None:
    (piece,) = split("# T\n\n😀 sails.")

    assert piece == Piece(heading="T", text="😀 sails.", start=5, end=13)


def test_nothing_has_no_pieces() -> None:
    assert split("") == ()
    assert split(" \n\t\r\n ") == ()
    assert sentences("") == ()


@settings(max_examples=300, deadline=None)
@given(text=markdown)
@example("\x1c# a\u2028b")
@example("a\r\rb\r\n\r\nc")
def test_pieces_are_true_to_the_source_in_order_and_bounded(text: str) -> None:
    pieces = split(text)

    assert all(text[piece.start : piece.end] == piece.text for piece in pieces)
    assert all(0 < len(piece.text) <= LARGEST_PIECE for piece in pieces)
    assert all(piece.text == piece.text.strip() for piece in pieces)
    assert all(one.start < other.start and one.end < other.end for one, other in pairwise(pieces))


@settings(max_examples=300, deadline=None)
@given(text=markdown)
def test_two_pieces_share_only_whole_sentences_at_their_border(text: str) -> None:
    pieces = split(text)

    for one, other in pairwise(pieces):
        shared = text[other.start : one.end] if other.start < one.end else ""
        assert len(shared) <= OVERLAP
        assert not shared or (one.heading == other.heading and other.start > one.start)
        assert one.text.endswith(shared)
    assert all(one.end <= third.start for one, third in zip(pieces, pieces[2:], strict=False))


@settings(max_examples=300, deadline=None)
@given(text=markdown)
def test_what_is_in_no_piece_is_white_space_or_a_heading(text: str) -> None:
    left_out: list[str] = []
    here = 0
    pieces = split(text)
    for piece in pieces:
        left_out.append(text[here : piece.start])
        here = max(here, piece.end)
    left_out.append(text[here:])

    paths = Counter(visible(" ".join(piece.heading for piece in pieces)))
    lost = Counter(visible("".join(left_out)))
    for mark in "#=-*_":
        del lost[mark]
    assert lost.keys() <= paths.keys()


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(markdown, st.text(alphabet="aB1 .!?…\n-|#\"')。\t\r", max_size=200)))
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    found = sentences(text)

    assert visible("".join(found)) == visible(text)
    assert all(sentence and sentence == sentence.strip() for sentence in found)


@pytest.mark.parametrize(
    "unit", ["a\n", "- a\n", "# a\nb\n", "a\n-\n", ". ", ".)", "```\n", "| a |\n", "a\n\n", "e.g. "]
)
def test_large_texts_of_any_shape_are_split(unit: str) -> None:
    text = unit * (120_000 // len(unit))

    pieces = split(text)

    assert sum(len(visible(piece.text)) for piece in pieces) > 0
    assert all(len(piece.text) <= LARGEST_PIECE for piece in pieces)
    assert visible("".join(sentences(text))) == visible(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two! Three? Four… Five", ["One.", "Two!", "Three?", "Four…", "Five"]),
        (
            "Dr. Smith met Mrs. Jones at St. Mary's. They left.",
            ["Dr. Smith met Mrs. Jones at St. Mary's.", "They left."],
        ),
        ("Bring shoes, e.g. Boots. Then go.", ["Bring shoes, e.g. Boots.", "Then go."]),
        ("It takes approx. 5 min. By bus.", ["It takes approx. 5 min. By bus."]),
        ("Room No. 5 is free. No. It is not.", ["Room No. 5 is free.", "No.", "It is not."]),
        ("J. R. R. Tolkien wrote it. So did I. Really.", ["J. R. R. Tolkien wrote it.", "So did I.", "Really."]),
        (
            "It costs 3.50 € or 1.000,00 €. See example.com. Bye.",
            ["It costs 3.50 € or 1.000,00 €.", "See example.com.", "Bye."],
        ),
        ("From 9 a.m. to 5 p.m. Then we close.", ["From 9 a.m. to 5 p.m.", "Then we close."]),
        ("Wait... what? Well... Yes.", ["Wait... what?", "Well...", "Yes."]),
        ('He said "Come in." She did. (It rained.) Good.', ['He said "Come in."', "She did.", "(It rained.)", "Good."]),
        ('"Really?" he asked. „Ja.“ Gut.', ['"Really?" he asked.', "„Ja.“ Gut."]),
        ("Um z. B. Kaffee zu holen. Los.", ["Um z. B. Kaffee zu holen.", "Los."]),
        ("A line\ngoes on. And\non.", ["A line\ngoes on.", "And\non."]),
        ("Intro:\n- One\n- Two. Three\n1. Four\n2) Five", ["Intro:", "- One", "- Two.", "Three", "1. Four", "2) Five"]),
        ("# Title\nText\n\nMore", ["# Title", "Text", "More"]),
        ("| a. B |\n| c |\nEnd", ["| a. B |", "| c |", "End"]),
        ("我们九点开门。周日休息！几点？好", ["我们九点开门。", "周日休息！", "几点？", "好"]),  # noqa: RUF001 (as it is written)
        ("「はい。」と言った。", ["「はい。」", "と言った。"]),
        (". Dot", [".", "Dot"]),
        ("End.  ", ["End."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, found: list[str]) -> None:
    assert list(sentences(text)) == found


def test_passages_are_pieces_with_their_place() -> None:
    workspace_id = WorkspaceId(UUID(int=7))
    source = Source.knowledge_base(workspace_id)
    text = "# A\nOne.\n# B\nTwo."

    first, second = passages_of(workspace_id, source, text, datetime(2026, 3, 2, tzinfo=UTC))

    assert (first.heading, first.text, first.position) == ("A", "One.", 0)
    assert (second.heading, second.text, second.position) == ("B", "Two.", 1)
    assert text[second.start : second.end] == "Two."
    assert first.id != second.id
    assert {first.source, second.source} == {source}
    assert {first.workspace_id, second.workspace_id} == {workspace_id}


def test_a_heading_given_stands_above_those_of_the_text() -> None:
    workspace_id, at = WorkspaceId(UUID(int=1)), datetime(2026, 3, 2, tzinfo=UTC)
    source = Source.knowledge_base(workspace_id)
    plain = passages_of(workspace_id, source, "One.\n\n# Prices\n\nTwo.", at)
    under = passages_of(workspace_id, source, "One.\n\n# Prices\n\nTwo.", at, plain, "Ada")

    assert [passage.heading for passage in under] == ["Ada", "Ada › Prices"]
    assert [(each.start, each.end) for each in under] == [(each.start, each.end) for each in plain]
    assert not {passage.id for passage in under} & {passage.id for passage in plain}


def test_a_heading_given_is_not_told_twice() -> None:
    workspace_id, at = WorkspaceId(UUID(int=1)), datetime(2026, 3, 2, tzinfo=UTC)
    text = "One.\n# Refund  Policy\nTwo.\n## Cash\nThree.\n# Hours\nFour."
    found = passages_of(workspace_id, Source.knowledge_base(workspace_id), text, at, (), "Refund policy")

    assert [passage.heading for passage in found] == [
        "Refund policy",
        "Refund  Policy",
        "Refund  Policy › Cash",
        "Refund policy › Hours",
    ]


def test_of_many_long_headings_the_innermost_are_kept() -> None:
    deep = "\n".join(f"{'#' * level} {level}{'x' * 90}" for level in range(1, 7))
    workspace_id, at = WorkspaceId(UUID(int=1)), datetime(2026, 3, 2, tzinfo=UTC)
    innermost = " › ".join(f"{level}{'x' * 90}" for level in (4, 5, 6))

    assert headings_of(f"{deep}\nText.") == [(innermost, "Text.")]
    assert headings_of(f"{deep}\n###### Bare\n") == [
        (" › ".join(f"{level}{'x' * 90}" for level in (3, 4, 5)), f"###### 6{'x' * 90}\n###### Bare"),
    ]
    (under,) = passages_of(workspace_id, Source.knowledge_base(workspace_id), f"{deep}\nText.", at, (), "y" * 300)
    assert under.heading == innermost
    (alone,) = passages_of(workspace_id, Source.knowledge_base(workspace_id), "Text.", at, (), "y" * 300)
    assert alone.heading == "y" * 300


def test_a_text_of_very_many_pieces_is_refused() -> None:
    workspace_id, at = WorkspaceId(UUID(int=1)), datetime(2026, 3, 2, tzinfo=UTC)
    source = Source.knowledge_base(workspace_id)
    with pytest.raises(TooManyPassages, match=r"20,000 pieces\..*\.$"):
        passages_of(workspace_id, source, "# A\nb\n# B\nb\n" * (MOST_PASSAGES // 2) + "# C\nb", at)
    assert len(passages_of(workspace_id, source, "# A\nb\n# B\nb\n" * (MOST_PASSAGES // 2), at)) == MOST_PASSAGES
