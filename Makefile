# Everything a newcomer needs; nothing is installed outside .venv but, by root, the broker.
#
#   make demo             people walk up in a clip, the lamps answer (ARGS=--stay, ARGS=--camera)
#   make consortium       a hub, a broker and six doors; mosquitto has to be installed
#   make hub              the hub's pages in a browser, for a made-up town (ARGS=--port=8090)
#   make test             every test that needs neither minutes nor root
#   make test-faults      every kind of fault against the running unit, and the soak
#   make test-box         the services under a real systemd; needs root and systemd-container
#   make test-arm64       the unit's tests on the packages that a Raspberry Pi gets; needs root
#   make test-pi          the lamp on the pins of an emulated Raspberry Pi
#   make test-cuts        the list through sixty power cuts of an emulated machine
#   make test-compose     the hub in containers; needs Docker
#   make wheelhouse       one file from which machines without internet are installed
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

.PHONY: demo consortium hub test test-faults test-box test-arm64 test-pi test-cuts test-compose wheelhouse lint bench clean
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

# Most of their seconds are waiting: some files at a time need little more than one (ARGS=-n0).
test-faults test-box: test-%: $(CHECKS)
	@$(BIN)/python -m pytest -m $* -n 3 --dist loadfile $(ARGS)

# One after the other: they count seconds, and would count each other's.
test-arm64 test-pi test-cuts test-compose: test-%: $(CHECKS)
	@$(BIN)/python -m pytest -m $* $(ARGS)

wheelhouse: $(MADE)
	@BIN=$(BIN) deploy/bundle.sh $(ARGS)

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
