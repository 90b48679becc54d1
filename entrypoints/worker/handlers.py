from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

from application.ports.jobs import JobProgress
from domain.jobs import Claim, JobSpec

Spec = TypeVar("Spec", bound=JobSpec)
Spec_contra = TypeVar("Spec_contra", bound=JobSpec, contravariant=True)
Handler = Callable[[Claim, JobProgress], Awaitable[None]]


class UseCase(Protocol[Spec_contra]):
    """A use case that does a job."""

    async def __call__(self, job: Spec_contra, claim: Claim, progress: JobProgress, /) -> None:
        """Does it."""
        ...


def handler(spec: type[Spec], use_case: Callable[[], UseCase[Spec]]) -> Handler:
    """Has a new `use_case` do each claimed job, given its payload as `spec`."""

    async def handle(claim: Claim, progress: JobProgress) -> None:
        await use_case()(msgspec.convert(claim.payload, spec), claim, progress)

    return handle
