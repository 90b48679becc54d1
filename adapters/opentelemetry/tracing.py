import asyncio
from contextlib import suppress
from threading import Thread

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import Tracer
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "Traces need an extra: install 'flightdeck[opentelemetry]'.", name="opentelemetry"
    ) from error


class Tracing:
    """Sends spans to a collector, by OTLP over HTTP with protobuf.

    They wait in a bounded queue that a thread empties: a collector that is slow or gone costs spans, and no answer
    waits for it. What is not given here comes from OpenTelemetry's own variables in the environment: headers,
    compression, sampling, the size of batches.

    Args:
        endpoint: the collector's address, without `/v1/traces`.
        service: what the spans are said to come from.
    """

    def __init__(self, endpoint: str, *, service: str) -> None:
        # Nothing is sent at the exit of the process: whoever made this closes it, in bounded time.
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
        self._exporter = OTLPSpanExporter(f"{endpoint}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))

    @property
    def tracer(self) -> Tracer:
        """Makes the spans."""
        return self._provider.get_tracer("flightdeck")

    async def aclose(self, patience: float = 2) -> None:
        """Sends what waits, for `patience` seconds at most; what is left then is lost."""
        loop, sent = asyncio.get_running_loop(), asyncio.Event()

        def close() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # the loop did not wait so long
                loop.call_soon_threadsafe(sent.set)

        # Not a thread of the loop's own, for which the end of the process would wait.
        Thread(target=close, name="opentelemetry-shutdown", daemon=True).start()
        try:
            async with asyncio.timeout(patience):
                await sent.wait()
        except TimeoutError:
            # Else it would go on trying.
            self._exporter.shutdown()  # type: ignore[no-untyped-call]
