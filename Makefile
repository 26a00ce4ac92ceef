# Each target is one line that can be pasted; `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
CORES ?= all
export PATH := $(abspath $(VENV))/bin:$(PATH)

.PHONY: help report method test test-fast fuzz lint format lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

report: $(VENV)/ready ## set everything up, run config.yaml, write results/report.html
	snakemake --cores $(CORES) --rerun-incomplete

method: $(VENV)/ready ## hand over the best experiment: results/method/
	snakemake --cores $(CORES) --rerun-incomplete results/method/method.json

test: $(VENV)/ready ## set everything up, run all tests
	pytest

test-fast: $(VENV)/ready ## unit tests, without whole workflows
	pytest -m "not slow"

fuzz: $(VENV)/ready ## the long run of mutated pictures and tables: 20,000 and 2,000
	ASSAY_FUZZ=20000 pytest tests/test_fuzz.py

lint: $(VENV)/ready ## style, types and workflow checks
	ruff check . && ruff format --check . && mypy && snakefmt --check Snakefile workflow/rules && snakemake --lint

format: $(VENV)/ready ## rewrite the code in the house's style
	ruff check --fix . && ruff format . && snakefmt Snakefile workflow/rules

lock: pyproject.toml ## pin every dependency anew (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --fork-strategy fewest --no-header -o envs/requirements.lock

clean: ## delete what was made, keep the environment
	find results -mindepth 1 ! -name .gitkeep -delete

$(VENV)/ready: envs/requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Assay needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	python -m pip install --quiet --require-hashes -r envs/requirements.lock
	python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
