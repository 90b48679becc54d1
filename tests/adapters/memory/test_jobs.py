from tests.contracts.jobs import JobQueueContract, JobsContract, JobViewsContract


class TestJobQueue(JobQueueContract): ...


class TestJobs(JobsContract): ...


class TestJobViews(JobViewsContract): ...
