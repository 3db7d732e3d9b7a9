# Everything a person or a machine runs here. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format types imports unit proof bench lock clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(STAMP) ## Set up .venv with every pinned dependency

# torch first and by its exact version: any other drags in gigabytes of GPU libraries.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (about a minute the first time) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) "$$(grep '^torch==' requirements.lock)"
	@$(PIP) -r requirements.lock
	@$(PIP) --no-deps -e .
	@touch $(STAMP)

demo: setup ## Show the whole path of an alert on this machine (KEEP=1 stays up)
	@$(BIN)/python -m samples.demo $(if $(KEEP),--keep)

test: setup lint types imports unit ## Lint, types, import contract, all tests

lint: setup ## Style, complexity, house limits
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup ## Format the code
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

types: setup ## Static types, strict
	@$(BIN)/mypy

imports: setup ## The direction of imports
	@$(BIN)/lint-imports

unit: setup ## The tests alone
	@$(BIN)/pytest -q -n 2

proof: setup ## The long proofs: every seed, every world, every case
	@MIDDLEWATCH_TEST_PROFILE=proof $(BIN)/pytest -q --timeout 0 -n 2 tests/promises tests/system/test_operations.py

bench: setup ## Benchmarks; tables on stdout and in benchmarks/results/
	@$(BIN)/python -m benchmarks

lock: ## Write requirements.lock anew from what is installed
	@$(BIN)/python -m pip freeze --exclude-editable --disable-pip-version-check | sed 's/+cpu$$//' > requirements.lock

clean: ## Remove what was built, cached and kept by the demo
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .middlewatch
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
