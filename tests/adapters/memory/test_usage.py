from tests.contracts.usage import UsageLedgerContract, UsageOriginsContract, UsageViewsContract


class TestUsageLedger(UsageLedgerContract): ...


class TestUsageOrigins(UsageOriginsContract): ...


class TestUsageViews(UsageViewsContract): ...
