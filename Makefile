# Everything a fresh machine needs: rustc, cargo, python3 (3.11 or later) and make.
# `make` alone lists the targets.

PYTHON ?= python3
VENV ?= .venv
# One target folder outside the clone, shared by every checkout: libraries are compiled once.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/kohort-target
export KOHORT_SHARED ?= ../shared
PY = $(abspath $(VENV))/bin/python
export PYO3_PYTHON = $(PY)
# Debian's python3 cannot make a virtual environment with pip in it, but any pip can install into one.
PIP = $(PYTHON) -m pip --python $(PY) --disable-pip-version-check --quiet

# Every checkout builds its wheel at one place in that folder: two at once would install each other's.
LOCK = mkdir -p $(CARGO_TARGET_DIR) && $(if $(shell command -v flock),flock $(CARGO_TARGET_DIR)/install.lock)

RUST = $(shell find src -name '*.rs') Cargo.toml Cargo.lock
SOURCES = $(RUST) $(shell find python -name '*.py' -o -name '*.css' -o -name '*.pyi') pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help demo test test-rust test-python test-slow lint notebooks wheel bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  %-12s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/installed: $(VENV)/bin/python $(SOURCES)
	$(LOCK) $(PIP) install '.[plot,duckdb]'
	touch $@

$(VENV)/installed-test: $(VENV)/bin/python $(SOURCES)
	$(LOCK) $(PIP) install '.[plot,duckdb,test]'
	touch $(VENV)/installed $@

demo: $(VENV)/installed ## Set up, make the demo population, run a study, write report.html
	$(PY) -m kohort demo --report report.html

test: $(VENV)/installed-test test-rust test-python ## Set up and run the tests

test-rust:
	cargo test --no-default-features --locked --quiet

test-python: $(VENV)/installed-test
	$(PY) -m pytest -q -m "not slow"

test-slow: $(VENV)/installed-test ## Run the long versions of the laws (minutes)
	$(PY) -m pytest -q -m slow

lint: $(VENV)/installed-test ## Formatters, linters, types, stubs
	cargo fmt --check
	cargo clippy --locked --quiet --features python --all-targets -- -D warnings
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy.stubtest kohort._core

notebooks: $(VENV)/installed-test ## Execute every notebook; fails where one does
	$(PY) scripts/notebooks.py --check

wheel: ## Build the wheel into dist/
	$(LOCK) $(PYTHON) -m pip --disable-pip-version-check --quiet wheel --no-deps --wheel-dir dist .

bench: $(VENV)/installed-test ## Measure side by side with DuckDB and Polars (takes minutes and 8 GB)
	$(PY) bench/cohorts.py
	$(PY) bench/definitions.py
	$(PY) bench/microdata.py
	$(PY) bench/history.py

clean: ## Remove the environment and what was built here
	rm -rf $(VENV) dist report.html
