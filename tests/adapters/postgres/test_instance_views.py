from tests.contracts.instance_views import InstanceViewsContract


class TestInstanceViews(InstanceViewsContract): ...
