from tests.contracts.statistics import StatisticsContract


class TestStatisticsViews(StatisticsContract): ...
