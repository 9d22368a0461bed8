# Everything a newcomer needs; nothing is installed outside .venv but, by root, the broker.
#
#   make demo             people walk up in a clip, the lamps answer (ARGS=--stay, ARGS=--camera)
#   make consortium       a hub, a broker and six doors; mosquitto has to be installed
#   make hub              the hub's pages in a browser, for a made-up town (ARGS=--port=8090)
#   make test             every test
#   make lint             style, types, import contracts, docstrings
#   make bench            what a frame costs on this machine
#   make clean            forget what was made here

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --no-warn-script-location
MADE := $(VENV)/made.stamp
RUNS := $(VENV)/runs.stamp
CHECKS := $(VENV)/checks.stamp
OFFLINE := { echo "doorwatch: the packages could not be installed (the reason is above): connect the machine to the package registry and try again" >&2; exit 1; }

.PHONY: demo consortium hub test lint bench clean
.DELETE_ON_ERROR:

demo: $(RUNS)
	@$(BIN)/doorwatch demo $(ARGS)

consortium: $(RUNS)
	@deploy/broker.sh
	@$(BIN)/doorwatch demo-consortium

hub: $(RUNS)
	@deploy/broker.sh
	@$(BIN)/doorwatch-hub demo $(ARGS)

test: $(CHECKS)
	@$(BIN)/python -m pytest -n auto $(ARGS)

lint: $(CHECKS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/interrogate --quiet edge sync

bench: $(CHECKS)
	@$(BIN)/doorwatch bench $(ARGS)

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

$(MADE): deploy/environment.py
	@echo "== virtual environment in $(VENV)"
	@$(PYTHON) deploy/environment.py $(VENV)
	@touch $@

$(RUNS): $(MADE) pyproject.toml deploy/constraints.txt
	@echo "== packages that the unit runs on"
	@$(PIP) -c deploy/constraints.txt -e . || $(OFFLINE)
	@touch $@

$(CHECKS): $(RUNS)
	@echo "== packages that the checks need"
	@$(PIP) --quiet -c deploy/constraints.txt -e '.[dev]' || $(OFFLINE)
	@touch $@
