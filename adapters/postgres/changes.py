from application.ports.unit_of_work import UnrecordedError
from domain.activity import Event, activity_topic
from domain.ids import ConversationId, JobId
from domain.jobs import JOBS_TOPIC, Job, JobStatus, job_topic


class Changes:
    """What a unit of work has done so far, to be recorded and told when it commits.

    Attributes:
        events: what happened, in order.
        finished: the claims whose jobs the unit has ended, each as job and attempt.
        conversation_id: the conversation that the unit has added or locked.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.finished: set[tuple[JobId, int]] = set()
        self.conversation_id: ConversationId | None = None
        self._unexplained = False
        self._jobs: dict[str, None] = {}

    def explain(self, because: Event | None) -> None:
        """Rows have changed because of this, or of another event of the unit."""
        self._unexplained = True
        if because is not None:
            self.events.append(because)

    def moved(self, job: Job) -> None:
        """The job is new or has changed."""
        self._jobs[job_topic(job.id)] = None
        frees_its_lane = job.ended and job.lane is not None
        if job.status is JobStatus.QUEUED or frees_its_lane:
            self._jobs[JOBS_TOPIC] = None

    def check(self) -> None:
        """Nothing, when an event says why rows have changed.

        Raises:
            UnrecordedError: none does.
        """
        if self._unexplained and not self.events:
            raise UnrecordedError("A unit of work changed rows and recorded no event.")

    @property
    def topics(self) -> list[str]:
        """What to ring for, each once."""
        topics = dict(self._jobs)
        for event in self.events:
            topics |= dict.fromkeys((*event.topics, activity_topic(event.workspace_id)))
        return list(topics)
