from dataclasses import dataclass
from typing import Annotated

from entrypoints.settings import kinds
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Reports:
    """Who is told what goes on inside."""

    sentry_dsn: Annotated[
        str | None,
        Setting(
            effect="The Sentry project that unhandled errors are reported to. Needs the extra: flightdeck[sentry].",
            kind=kinds.SENTRY_DSN,
            secret=True,
        ),
    ]
    otel_exporter_otlp_endpoint: Annotated[
        str | None,
        Setting(
            effect="The OpenTelemetry collector that each request to a model is traced to, by OTLP over HTTP, without "
            "what was asked and answered. Other OTEL_ variables count in the environment. Needs the extra: "
            "flightdeck[opentelemetry].",
            kind=kinds.COLLECTOR,
        ),
    ]
    otel_service_name: Annotated[
        str, Setting(effect="The name of this instance in traces.", kind=kinds.SERVICE_NAME, default="flightdeck")
    ]
