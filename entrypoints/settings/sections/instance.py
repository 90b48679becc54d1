from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from entrypoints.settings import kinds
from entrypoints.settings.choices import Environment, LogFormat, LogLevel
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Instance:
    """What this instance is, where it listens and keeps its files."""

    environment: Annotated[
        Environment,
        Setting(
            effect="What this instance is for. production demands SECRET_KEY, BASE_URL and LOG_FORMAT=json.",
            kind=kinds.choice(Environment),
            default="dev",
        ),
    ]
    log_level: Annotated[
        LogLevel, Setting(effect="The least severity that is logged.", kind=kinds.choice(LogLevel), default="info")
    ]
    log_format: Annotated[
        LogFormat,
        Setting(
            effect="How a log line looks on standard error: json is one object a line.",
            kind=kinds.choice(LogFormat),
            default="console",
            in_production="json",
        ),
    ]
    host: Annotated[
        str,
        Setting(
            effect="The address the API listens on; 0.0.0.0 is every one of this machine.",
            kind=kinds.HOST,
            default="127.0.0.1",
        ),
    ]
    port: Annotated[int, Setting(effect="The port the API listens on.", kind=kinds.whole(1, 65_535), default="8000")]
    base_url: Annotated[
        str,
        Setting(
            effect="How others reach the API: every absolute link begins with it. Follows PORT while unset.",
            kind=kinds.BASE_URL,
            default="http://localhost:8000",
        ),
    ]
    flightdeck_home: Annotated[
        Path,
        Setting(
            effect="Where the embedded servers' data, the secret key and the owner's token are kept.",
            kind=kinds.HOME,
            default=".flightdeck",
        ),
    ]
