from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from entrypoints.settings import kinds
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Work:
    """How workers do jobs, and whom they reach in doing so."""

    worker_concurrency: Annotated[
        int, Setting(effect="Jobs each worker process runs at once.", kind=kinds.whole(1, 1000), default="10")
    ]
    job_lease: Annotated[
        timedelta,
        Setting(
            effect="How long a silent worker keeps its jobs before others run them again.",
            kind=kinds.duration("4s", "1h"),
            default="30s",
        ),
    ]
    worker_grace: Annotated[
        timedelta,
        Setting(
            effect="How long a stopping worker lets its jobs go on before it puts them back.",
            kind=kinds.duration("0s", "1h"),
            default="3s",
        ),
    ]
    outbound_allow_private: Annotated[
        bool,
        Setting(
            effect="Whether webhooks, also over http, and pages that become documents may be at addresses that are not "
            "of the public Internet, and at ports below 1024 other than 80 and 443.",
            kind=kinds.FLAG,
            default="false",
        ),
    ]
    worker_metrics_port: Annotated[
        int | None,
        Setting(
            effect="The port, on HOST, at which a worker tells Prometheus of its models; while unset it does not.",
            kind=kinds.whole(1, 65_535),
        ),
    ]
