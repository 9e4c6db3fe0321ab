# Jobreport. A bare `make` explains itself; every target sets up what it needs.

PYTHON ?= python3
VENV   := .venv
NODE   := tests/typescript/node_modules
BIN    := $(VENV)/bin
# What pip downloads and installs is shown to whoever waits at a terminal.
QUIET  := $(shell test -t 2 || echo --quiet)
PIP    := $(BIN)/python -m pip $(QUIET) --disable-pip-version-check
STORE  ?=
PORT   ?= 8080
ONCE   ?=
# Words for pytest, such as TESTS="tests/store -x".
TESTS  ?= -n auto --dist worksteal
# So many at once: many a test waits.
CROWD  ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
# LONG=1 repeats what looks for lost jobs, and tries the dearest laws, ten times as often.
LONG   ?=

.DEFAULT_GOAL := help
.PHONY: help install demo serve test lint format docs pictures man deb bench clean
# One pip at a time.
.NOTPARALLEL:

help:  ## Say what there is
	@echo "Jobreport: every backup job of a company, in one exact report."
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  make demo ONCE=1 ends after the report.   make serve PORT=9090 STORE=sqlite:////srv/jobs.db"
	@echo "  make test TESTS='tests/store -x'          PYTHON=python3.12 make install"
	@echo "  make test LONG=1 looks ten times as long for lost jobs and for what breaks a law."

install: $(VENV)/.runtime  ## Install the program into .venv, and nothing else

demo: $(VENV)/.demo  ## Back up a small tree with real tools and ask the report about it
	@$(BIN)/python demo $(if $(ONCE),--once)

serve: install  ## Serve the API on this machine
	@$(BIN)/jobreport serve --port $(PORT) $(if $(STORE),--store $(STORE))

test: $(VENV)/.dev $(NODE)/.installed  ## Run every test, against the running server and real tools
	@JOBREPORT_TEST_LONG=$(LONG) PYTEST_XDIST_AUTO_NUM_WORKERS=$(CROWD) $(BIN)/python -m pytest $(TESTS)

lint: $(VENV)/.dev  ## Check style, types and who imports whom
	@$(BIN)/ruff check --no-cache .
	@$(BIN)/ruff format --no-cache --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev  ## Bring every file into form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/.docs  ## Build the documentation into site/, as pages that need no network
	@$(BIN)/python docs/build.py

pictures: $(VENV)/.dev  ## Take the pictures of the monitor in docs/pictures anew
	@JOBREPORT_TEST_PICTURES=1 $(BIN)/python -m pytest -q tests/monitor/test_pictures.py

man: install  ## Write the manual pages into dist/man
	@$(BIN)/python docs/man.py

deb: install  ## Build the Debian package into dist/
	@$(BIN)/python deploy/debian/build.py

bench: $(VENV)/.bench  ## Measure, as ratios within one run: against the bare limit, and against others
	@$(BIN)/python benchmarks

clean:  ## Remove what the targets above made
	@rm -rf $(VENV) $(NODE) .demo .bench site .hypothesis .mypy_cache .ruff_cache .import_linter_cache dist
	@find src tests docs -name __pycache__ -prune -exec rm -rf {} +

# Each stamp is newer than what it was made from, so that nothing is installed twice.

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "The module venv is needed; on Debian: apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Installing Jobreport into $(VENV) …"
	@$(PIP) install -c constraints.txt -e .
	@touch $@

# The program comes with each of these: to install it first would let pip look at all of its packages twice. Nor does
# pip compile what is in them, thousands of modules of which few are ever loaded: Python compiles those then.
$(VENV)/.demo $(VENV)/.docs $(VENV)/.dev: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Installing Jobreport with its extra packages '$(@F:.%=%)' into $(VENV) …"
	@$(PIP) install --no-compile -c constraints.txt -e '.[$(@F:.%=%)]'
	@touch $(VENV)/.runtime $@

$(VENV)/.bench: $(VENV)/.dev
	@echo "Installing what is measured against …"
	@$(PIP) install -c constraints.txt -e '.[bench]'
	@touch $@

# The generators of TypeScript clients, and what judges requests by others' documents; their tests say so where they are left out. Nothing of theirs is run meanwhile.
$(NODE)/.installed: tests/typescript/package.json
	@if command -v npm >/dev/null; then \
	  echo "Installing generators of TypeScript clients and a judge of requests …"; \
	  npm install --prefix tests/typescript --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel error \
	    && touch $@; \
	fi
