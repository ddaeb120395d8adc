# Parley. `make help` lists what there is to make.
PYTHON ?= python3
BROWSER ?= 1
VENV := .venv
PY := $(VENV)/bin/python
MANAGE := $(PY) manage.py
PINS := pyproject.toml constraints.txt

# NegMAS goes through sets, so a run depends on the hash seed: it is the same in tests and in workers.
export PYTHONHASHSEED := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

CHROMIUM_NAMES := chromium-headless-shell chromium chromium-browser google-chrome
FIND_CHROMIUM := sh -c 'command -v "$${CHROMIUM:-}" && exit; for name in $(CHROMIUM_NAMES); do command -v $$name && exit; done; exit 1'

# The driver that steers Chromium; it needs a library which a small Debian lacks.
PLAYWRIGHT = $(VENV)/lib/python3.*/site-packages/playwright/driver/node

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check quick types lint format measure chaos clean chromium

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 16

# --- Product ------------------------------------------------------------------------------------------------

run: $(VENV)/.run ## Install what is needed and start Parley at http://127.0.0.1:8000 (PORT=)
	@$(MANAGE) prepare
	@exec $(MANAGE) serve

# --- Tests --------------------------------------------------------------------------------------------------

# Two at a time: most of a test's time is spent waiting. Those that measure what real workers take come by themselves.
TEST := $(PY) -m pytest -q -n 2 --dist loadfile

ifeq ($(BROWSER),0)
test: $(VENV)/.test ## Run all tests (BROWSER=0: without those that need Chromium)
	$(TEST) -m "not browser and not workers"
	$(TEST) -m workers
else
test: chromium
	CHROMIUM="$$($(FIND_CHROMIUM))" $(TEST) -m "not workers"
	$(TEST) -m workers
endif

check: $(VENV)/.test ## Lint, types, migrations and the quick tests, in a minute or two
	@$(MAKE) --no-print-directory -j2 --output-sync=target quick lint types

quick: $(VENV)/.test
	$(PY) -m pytest -q -n 2 -m "not browser and not workers and not slow"

types: $(VENV)/.test
	$(PY) -m mypy

lint: $(VENV)/.test ## Look for lint, and for migrations that are missing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(MANAGE) check
	$(MANAGE) makemigrations --check --dry-run

format: $(VENV)/.test ## Format the code and mend what can be mended
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

measure: chromium ## Measure in a browser what a session page of 10,000 offers costs: five runs, medians, fails above a limit
	MEASURE=1 CHROMIUM="$$($(FIND_CHROMIUM))" $(PY) -m pytest -q -s tests/browser/test_session_budget.py

chaos: $(VENV)/.test ## Break everything for ten minutes on each back end (CHAOS_SECONDS=, CHAOS_BACKENDS=sqlite,postgres,postgres+redis)
	$(PY) -m tests.chaos

clean: ## Remove the environment and what tools left behind; the data in var/ stays
	rm -rf $(VENV) build parley.egg-info .mypy_cache .ruff_cache .pytest_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Environment --------------------------------------------------------------------------------------------
# The package runs from the checkout (-e), so an edit counts at once; pip brings its dependencies.

$(VENV)/.run: $(PINS) | $(VENV)/.made
	@echo "Installing what Parley needs into $(VENV); the first time this takes a minute or two"
	@$(PY) -m pip install --quiet -c constraints.txt -e '.[scale,agents]'
	@touch $@

$(VENV)/.test: $(PINS) | $(VENV)/.made
	@echo "Installing what Parley and its tests need into $(VENV)"
	@$(PY) -m pip install --quiet -c constraints.txt -e '.[test,scale,agents]'
	@touch $@ $(VENV)/.run

# Debian's python3 has no ensurepip; the package python3-venv brings it.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Parley needs Python 3.11 or newer. Name one: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(call install,python3-venv); }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

chromium: $(VENV)/.test
	@$(PLAYWRIGHT) --version >/dev/null 2>&1 || { $(call install,libatomic1); }
	@$(FIND_CHROMIUM) >/dev/null || { $(call install,chromium-headless-shell); }
	@$(FIND_CHROMIUM) >/dev/null || { echo "No Chromium: set CHROMIUM=/path/to/it, or BROWSER=0 to do without." >&2; exit 1; }

# $(call install,PACKAGE): by apt-get as root or through sudo; elsewhere say what is missing.
define install
if ! command -v apt-get >/dev/null; then \
	echo "$(1) is missing and there is no apt-get here. Install it by your system's means, then run make again." >&2; exit 1; \
elif [ "$$(id -u)" = 0 ]; then sudo=; \
elif command -v sudo >/dev/null; then sudo=sudo; \
else echo "$(1) is missing. Run as root: apt-get install $(1)" >&2; exit 1; fi; \
echo "Installing the Debian package $(1)"; \
$$sudo apt-get -qq update && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $(1) >/dev/null
endef
