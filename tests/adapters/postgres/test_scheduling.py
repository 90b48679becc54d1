from tests.contracts.scheduling import ConnectorsContract, SchedulingViewsContract, ServicesContract


class TestConnectors(ConnectorsContract): ...


class TestSchedulingViews(SchedulingViewsContract): ...


class TestServices(ServicesContract): ...
