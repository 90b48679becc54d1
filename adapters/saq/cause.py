from collections.abc import Generator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars

from application.ports.activity import CAUSE
from domain.jobs import Claim


@contextmanager
def caused_by(claim: Claim) -> Generator[None, None, None]:
    """Within the block the job is the cause of whatever is committed, and named in whatever is logged."""
    token = CAUSE.set(str(claim.job_id))
    try:
        with bound_contextvars(job_id=str(claim.job_id), job_type=claim.type):
            yield
    finally:
        CAUSE.reset(token)
