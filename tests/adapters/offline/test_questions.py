import pytest

from tests.adapters.offline.demo import ask_demo
from tests.questions import ANSWERABLE, REFUSAL, UNANSWERABLE, Question

WRONG_ANSWERS_ALLOWED = 1


async def test_the_table_has_fifty_questions_with_answers_and_ten_without() -> None:
    assert (len(ANSWERABLE), len(UNANSWERABLE)) == (50, 10)
    assert len({question.ask for question in (*ANSWERABLE, *UNANSWERABLE)}) == 60


@pytest.mark.parametrize("everything", [False, True], ids=["with the best passages", "with all passages"])
async def test_answerable_questions_are_answered_with_the_expected_sentence(*, everything: bool) -> None:
    answers = {question: await ask_demo(question.ask, everything=everything) for question in ANSWERABLE}

    wrong = {question.ask: answer for question, answer in answers.items() if not question.answered_by(answer)}
    assert len(wrong) <= WRONG_ANSWERS_ALLOWED, wrong


@pytest.mark.parametrize("everything", [False, True], ids=["with the best passages", "with all passages"])
@pytest.mark.parametrize("question", UNANSWERABLE, ids=lambda question: question.ask)
async def test_a_question_without_an_answer_is_refused_with_the_offer_to_take_a_message(
    question: Question, *, everything: bool
) -> None:
    answer = await ask_demo(question.ask, everything=everything)

    assert answer.startswith(REFUSAL)
    assert "leave a message" in answer


async def test_a_question_that_leans_on_the_one_before_is_answered_about_the_same() -> None:
    answer = await ask_demo("How much is a portrait session?", "And how long does it take?")

    assert "90 minutes" in answer


async def test_a_question_that_leans_on_a_refused_one_is_refused_too() -> None:
    answer = await ask_demo("Do you photograph weddings?", "And how much does it cost?")

    assert answer.startswith(REFUSAL)


async def test_a_change_of_subject_forgets_the_question_before() -> None:
    answer = await ask_demo("How much is a portrait session?", "When are you open?")

    assert "Tuesday to Friday from 9 a.m." in answer
