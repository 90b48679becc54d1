"""What is measured, a module for each group: `measure` gives its rows, `NOTE` says how to read them."""

from types import ModuleType

from tests.benchmarks.groups import jobs, requests, start, streams

GROUPS: dict[str, ModuleType] = {"http": requests, "jobs": jobs, "streams": streams, "start": start}
