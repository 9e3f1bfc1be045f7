# The README's two commands are `make demo` and `make test`; the rest serves those who change Tenor.
PY ?= python3
BIN := .venv/bin

.PHONY: demo test tests services stop install dev lint style types bench pictures lock clean

demo: install
	$(BIN)/tenor demo

# Everything on SQLite, then what touches the database once more on PostgreSQL.
# A process takes a whole file, so that what its tests share is made once; what both passes need
# is kept in .cache/made; see tests/conftest.py.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --made=.cache/made

# A run starts dozens of processes. Images of machines often tell Python to keep nothing of what it
# compiles; then each of them would compile all that it loads.
test tests: export PYTHONDONTWRITEBYTECODE :=

# Services and packages wait for the network, and go side by side; so do types and tests.
test:
	@$(MAKE) --no-print-directory -j2 services dev
	@$(MAKE) --no-print-directory style
	@$(MAKE) --no-print-directory -j2 types tests

tests: dev services
	rm -rf .cache/made
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

lint: style types

style: dev
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/lint-imports --no-cache

types: dev
	TENOR_DATA=.cache/mypy $(BIN)/mypy

# Python compiles what it loads; compiling all there is takes longer than fetching it.
GET := $(BIN)/python -m pip install -q --disable-pip-version-check --no-compile

# A stamp file per set of packages: a second run installs nothing.
.venv/bin/python:
	$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tenor needs Python 3.11 or newer: make PY=python3.11")'
	$(PY) -m venv .venv

.venv/installed: requirements.lock pyproject.toml .venv/bin/python
	$(GET) --require-hashes -r requirements.lock
	$(GET) --no-deps -e .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(GET) --require-hashes -r requirements-dev.lock
	@touch $@

.venv/installed-bench: requirements-bench.lock .venv/installed
	$(GET) --require-hashes -r requirements-bench.lock
	@touch $@

# Renew the pinned, hashed sets of packages after a change of pyproject.toml (needs uv).
lock:
	uv pip compile -q --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-header --extra bench -c requirements.lock pyproject.toml -o requirements-bench.lock

clean: stop
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache build
