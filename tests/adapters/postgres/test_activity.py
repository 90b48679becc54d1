from tests.contracts.activity import ActivityContract


class TestActivity(ActivityContract): ...
