# Needs make and Python 3.11 or newer with venv; everything else comes from requirements-dev.lock into .venv.

PYTHON ?= python3
CONFIG ?= config.toml
ARGS ?=
BIN = .venv/bin
STAMP = .venv/.installed
# Tests mostly wait, so that three files of them share the machine without noticing.
BESIDE = -n 3 --dist loadfile
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml

.PHONY: help setup demo sandbox test check format bench run lock clean

help:  ## print this
	@sed -n 's/^\([a-z][a-z]*\):.*  ## /\1: /p' Makefile | awk -F ': ' '{ printf "  make %-8s %s\n", $$1, substr($$0, length($$1) + 3) }'

setup: $(STAMP)  ## build .venv from the lock file; does nothing while the lock file stays the same

demo: $(STAMP)  ## tour the main job in a sandbox; needs no account
	@$(BIN)/python -m sandbox demo $(ARGS)

sandbox: $(STAMP)  ## a console in the sandbox: type as anyone, break things
	@$(BIN)/python -m sandbox $(ARGS)

test: $(STAMP)  ## all tests; ARGS='-k words' picks some
	@$(BIN)/python -m pytest $(BESIDE) $(ARGS)

check: $(STAMP)  ## all that a change has to pass: format, lint, types, imports, tests with branch coverage
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(BESIDE) --cov --cov-branch $(ARGS)

format: $(STAMP)  ## put the code into its format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(STAMP)  ## measure, as ratios
	@$(BIN)/python -m benchmarks $(ARGS)

run: $(STAMP)  ## start the bot; CONFIG=config.toml names its configuration
	@$(BIN)/python run_bot.py --config $(CONFIG) $(ARGS)

lock:  ## write the lock files anew from pyproject.toml; needs uv
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group dev -o requirements-dev.lock

clean:  ## remove .venv and what the tools left; config.toml and the store stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Signalbox needs Python 3.11 or newer, and $(PYTHON) is not. Name another one: make setup PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing from requirements-dev.lock into .venv" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $(STAMP)
