# The README's two commands are `make demo` and `make test`; the rest serves those who change Tenor.
PY ?= python3
BIN := .venv/bin

.PHONY: demo test services stop install dev lint bench pictures lock clean

demo: install
	$(BIN)/tenor demo

# Everything on SQLite, then what touches the database once more on PostgreSQL.
# A process takes a whole file, so that what its tests share is made once; see tests/conftest.py.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

test: dev
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory services
	env -u TENOR_DATABASE_URL $(PYTEST)
	. .cache/services.env && TENOR_DATABASE_URL=$$TENOR_TEST_POSTGRES $(PYTEST) tests/platform

services:
	@scripts/services.sh

stop:
	@scripts/services.sh stop

install: .venv/installed

dev: .venv/installed-dev

bench: .venv/installed-bench
	$(BIN)/python -m benchmarks

# The documentation's pictures, from a demonstration made anew.
pictures: dev services
	rm -rf .cache/pictures
	$(BIN)/tenor demo --no-serve --out .cache/pictures
	$(BIN)/python scripts/screens.py .cache/pictures docs/images

lint: dev
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	TENOR_DATA=.cache/mypy $(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# A stamp file per set of packages: a second run installs nothing.
.venv/bin/python:
	$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tenor needs Python 3.11 or newer: make PY=python3.11")'
	$(PY) -m venv .venv

.venv/installed: requirements.lock pyproject.toml .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.venv/installed-bench: requirements-bench.lock .venv/installed
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

# Renew the pinned, hashed sets of packages after a change of pyproject.toml (needs uv).
lock:
	uv pip compile -q --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-header --extra bench -c requirements.lock pyproject.toml -o requirements-bench.lock

clean: stop
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache build
