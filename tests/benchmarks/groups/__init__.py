"""What is measured, a module for each group: `measure` gives its rows, `NOTE` says how to read them."""

from types import ModuleType

from tests.benchmarks.groups import auth, jobs, requests, search, start, streams

GROUPS: dict[str, ModuleType] = {
    "http": requests,
    "auth": auth,
    "jobs": jobs,
    "streams": streams,
    "search": search,
    "start": start,
}
