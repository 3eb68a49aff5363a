# Each target sets up what it needs: a virtual environment and a hash-checked install from the lock files.
PYTHON ?= python3
RUN := .venv-run/bin
DEV := .venv/bin
TESTFLAGS ?=
# How many processes share the tests: they wait for gateways more than they compute, so one more than two cores.
TESTWORKERS ?= 3

# Tests and demonstrations start hundreds of processes: without bytecode on disk each compiles the whole package.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test lint format bench bench-quick proto lock clean

demo: .venv-run/ready
	$(RUN)/gateway demo

test: .venv/ready
	$(DEV)/python -m pytest --numprocesses=$(TESTWORKERS) --dist=loadfile --no-loadscope-reorder $(TESTFLAGS)

lint: .venv/ready
	$(DEV)/ruff check .
	$(DEV)/ruff format --check .
	$(DEV)/mypy
	$(DEV)/lint-imports

format: .venv/ready
	$(DEV)/ruff check --fix .
	$(DEV)/ruff format .

# With the development environment: the bench measures other libraries beside ours.
bench: .venv/ready
	$(DEV)/python -m bench

bench-quick: .venv/ready
	$(DEV)/python -m bench --quick

proto: .venv/ready
	PATH=$(CURDIR)/$(DEV):$$PATH $(DEV)/python proto/generate.py

# Needs uv; only for whoever changes a dependency.
lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --group build --extra archive --extra parquet --extra postgres --extra traces --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-extras.lock
	uv pip compile pyproject.toml --group build --group test --group lint --group proto --group bench --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-dev.lock

clean:
	rm -rf .venv .venv-run bench/out demo-run .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv-run/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv-run
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(DEV)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	$(DEV)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
