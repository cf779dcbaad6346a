# Comity: `make` lists the commands. Nothing but make and Python 3.11+ (with venv and pip) is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Where the databases differ most: leases, locks, deletion. CI runs all of the node's tests on both.
ON_BOTH := tests/node/due tests/node/vault $(wildcard tests/promises/test_06_*.py)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export PIP_NO_INPUT = 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo demo-screen test test-slow mutants lint types check bench docs lock clean

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.run ## set up everything and run the main job: three nations exchange, prove it, and delete (KEEP=1: leave them up)
	@$(BIN)/comity demo $(if $(KEEP),--keep)

demo-screen: $(VENV)/.run ## the library's own demo: screen, explain, bill, verify
	@$(BIN)/comity demo --on-paper

test: $(VENV)/.dev ## set up everything and pass the tests, those of the databases on PostgreSQL too
	@$(BIN)/python -m pytest -n 2 -q
	@$(BIN)/python tests/on_postgresql.py $(ON_BOTH) -n 2 -q

test-slow: $(VENV)/.dev ## the tests marked slow, and all of the node's on PostgreSQL
	@$(BIN)/python -m pytest -n 2 -q -m slow
	@$(BIN)/python tests/on_postgresql.py tests/node $(wildcard tests/promises/test_0[569]_*.py) -n 2 -q -m ""

mutants: $(VENV)/.dev ## show that breaking each promise fails its test
	@$(BIN)/python tests/mutants/run.py

lint: $(VENV)/.dev ## style (ruff)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev ## types (mypy, strict)
	@$(BIN)/mypy

check: lint types test mutants test-slow ## all that CI runs

bench: $(VENV)/.dev ## benchmarks: ratios against a limit and a peer measured in the same run
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/node.py

docs: $(VENV)/.dev ## write the generated parts of the docs again
	@$(BIN)/python docs/generate.py

lock: ## write the lock files again from pyproject.toml (needs uv)
	@requirements/lock

clean: ## remove the virtual environment and what tests leave behind
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist out

setup: $(VENV)/.run ## set up what running needs
setup-dev: $(VENV)/.dev ## set up what testing needs

$(VENV)/.base: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. On Debian: apt install python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv and pip are missing. On Debian: apt install python3-venv python3-pip"; exit 1; }
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements/build.txt
	@touch $@

$(VENV)/.run: $(VENV)/.base requirements/run.txt pyproject.toml
	@$(PIP) install --no-build-isolation --require-hashes -r requirements/run.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@$(PIP) install --no-build-isolation --require-hashes -r requirements/dev.txt
	@touch $@
