# SPDX-License-Identifier: EUPL-1.2
# Every task of this project; `make help` lists them.

VENV ?= .venv
PYTHON ?=
PYTEST_ARGS ?=
# A file's tests stay together and in order, so that what they share is made once; TEST_PROCESSES= for one.
TEST_PROCESSES ?= -n auto --maxprocesses 4 --dist loadfile
export VENV PYTHON

BIN := $(VENV)/bin
# Where the public figures lie that docs/results.md was measured on, and from which months.
FIGURES ?= ../shared
INFLOW_CUTOFFS := 2012-12,2013-04,2013-08,2013-12,2014-04,2014-08,2014-12,2015-04,2015-08,2015-12,2016-04,2016-08,2016-12,2017-04
QUARTER_CUTOFFS := 2016-12,2017-03,2017-06,2017-09,2017-12,2018-03,2018-06,2018-09,2018-12,2019-03,2019-06,2019-09,2019-12
OCCUPANCY_CUTOFFS := 2018-12,2019-06,2019-12,2020-06,2020-12,2021-06,2021-12,2022-06,2022-12,2023-06
BENCH := var/bench

.DEFAULT_GOAL := help

.PHONY: help
help: ## List every task.
	@echo "make run and make test are all that you need; the rest is for who works on Getij."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: ## Make the Python environment in .venv, from the lock file.
	@scripts/environment runtime

.PHONY: run
run: setup ## Do the whole job: data, forecast, advice, API and pages.
	@$(BIN)/getij run

.PHONY: test
test: dev ## Install what the tests need and run all tests.
	@scripts/debian-packages
	@$(BIN)/python -m pytest -rs $(TEST_PROCESSES) $(PYTEST_ARGS)

.PHONY: check
check: lint types imports test ## All that CI checks: style, types, imports, tests.

.PHONY: lint
lint: dev ## Check the style with ruff.
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .

.PHONY: types
types: dev ## Check the types with mypy, strictly.
	@$(BIN)/mypy models training service

.PHONY: imports
imports: dev ## Check that service stands on training, and training on models.
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache

.PHONY: format
format: dev ## Write the code in the house's format.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: bench
bench: PANEL = $(FIGURES)/data/eurostat_asylum_applicants_monthly.csv
bench: QUARTERS = $(FIGURES)/data/eurostat_first_time_applicants_quarterly.csv
bench: TORONTO = $(FIGURES)/data/other/toronto_refugee_shelter
bench: setup ## Measure again what docs/results.md publishes.
	@test -r "$(PANEL)" || { echo "There are no public figures in $(FIGURES); say where: make bench FIGURES=…" >&2; exit 2; }
	@mkdir -p $(BENCH)
	@echo "== Monthly inflow against the months that were printed" && $(BIN)/python -m training.sources.reference.check
	@echo "== Occupancy, Toronto" && $(BIN)/getij backtest occupancy --inflow "$(TORONTO)_inflow_monthly.csv" \
		--occupancy "$(TORONTO)_occupancy.csv" --cutoffs $(OCCUPANCY_CUTOFFS) --horizon 24 --out $(BENCH)/occupancy.csv
	@echo "== Cost of the location plan" && $(BIN)/python -m tests.models.planning.measure
	@echo "== Buffer in tiers" && $(BIN)/python -m tests.models.planning.buffer.measure_buffer
	@echo "== What the board can choose" && $(BIN)/python -m tests.models.planning.measure_choices
	@echo "== Cost of the occupancy chain" && $(BIN)/python -m tests.models.occupancy.measure_speed
	@echo "== Need against the official plans" && GETIJ_DATA_DIR=$(BENCH)/data $(BIN)/getij backtest plans
	@echo "== Inflow beside the official forecasts" && GETIJ_DATA_DIR=$(BENCH)/data $(BIN)/getij backtest official
	@echo "== Parts of the inflow" && GETIJ_DATA_DIR=$(BENCH)/data $(BIN)/getij backtest components
	@echo "== Regime alarm, the Netherlands as known then" && GETIJ_DATA_DIR=$(BENCH)/data $(BIN)/getij backtest alarm
	@echo "== Regime alarm, 15 public series" && $(BIN)/getij backtest alarm "$(PANEL)"
	@echo "== Past decisions, done again" && GETIJ_DATA_DIR=$(BENCH)/data $(BIN)/getij replay --out $(BENCH)/replay.json \
		&& $(BIN)/python -m tests.training.measure_replay $(BENCH)/replay.json
	@echo "== Drawn decisions, with forecasts that are exactly right" && $(BIN)/python -m tests.models.planning.replay.measure_reachable
	@echo "== Inflow, 15 public series" && $(BIN)/getij backtest inflow "$(PANEL)" \
		--cutoffs $(INFLOW_CUTOFFS) --horizon 24 --out $(BENCH)/inflow.csv
	@$(BIN)/python "$(FIGURES)/tools/score_forecasts.py" "$(PANEL)" $(BENCH)/inflow.csv
	@echo "== Inflow by quarter, 13 public series" && $(BIN)/getij backtest inflow "$(QUARTERS)" \
		--cutoffs $(QUARTER_CUTOFFS) --horizon 8 --out $(BENCH)/quarters.csv

.PHONY: lock
lock: dev ## Choose the newest versions that fit and write both lock files.
	@$(BIN)/python -m pip install --quiet uv
	@$(LOCK) --extra postgres --group build -o requirements/runtime.lock
	@$(LOCK) --extra postgres --group build --group dev -o requirements/dev.lock

LOCK = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-header --no-emit-index-url pyproject.toml

.PHONY: clean
clean: ## Remove the environment and all caches; what Getij stored in var stays.
	@rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis

# The environment for development: that of setup, with the tools of CONTRIBUTING.md.
.PHONY: dev
dev:
	@scripts/environment dev
