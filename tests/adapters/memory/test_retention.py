from tests.contracts.retention import RetentionViewsContract


class TestRetentionViews(RetentionViewsContract): ...
