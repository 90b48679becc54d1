from tests.contracts.runs import RunViewsContract


class TestRunViews(RunViewsContract): ...
