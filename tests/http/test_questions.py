import asyncio

from tests.http.system import System
from tests.questions import ANSWERABLE, REFUSAL, UNANSWERABLE, Question

RIGHT = 45
AT_ONCE = 8


async def test_most_questions_are_answered_with_the_expected_sentence(system: System) -> None:
    answers = await _ask(system, ANSWERABLE)
    wrong = {question.ask: answer for question, answer in answers.items() if not question.answered_by(answer)}
    assert len(answers) - len(wrong) >= RIGHT, wrong


async def test_every_question_without_an_answer_is_refused(system: System) -> None:
    answers = await _ask(system, UNANSWERABLE)
    invented = {question.ask: answer for question, answer in answers.items() if not answer.startswith(REFUSAL)}
    assert len(answers) == 10
    assert invented == {}


async def _ask(system: System, questions: tuple[Question, ...]) -> dict[Question, str]:
    """What a visitor of their own is answered to each."""
    places = asyncio.Semaphore(AT_ONCE)

    async def ask(question: Question) -> str:
        async with places:
            return await (await system.visitor()).ask(question.ask)

    return dict(zip(questions, await asyncio.gather(*map(ask, questions)), strict=True))
