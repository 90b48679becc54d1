from tests.contracts.callers import CallersContract


class TestCallers(CallersContract): ...
