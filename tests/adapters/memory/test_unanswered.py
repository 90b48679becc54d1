from tests.contracts.unanswered import UnansweredContract


class TestUnansweredViews(UnansweredContract): ...
