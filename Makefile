# Each target is one line that can be pasted; `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
CORES ?= all
export PATH := $(abspath $(VENV))/bin:$(PATH)
# Snakemake keeps a cache at home; where nobody can write there, it is kept here
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export XDG_CACHE_HOME ?= $(abspath .snakemake)/cache
endif

.PHONY: help report method verify test test-slurm test-gpu test-fast fuzz crash bench bench-peers lint format lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

report: $(VENV)/ready ## set everything up, run config.yaml, write results/report.html
	python workflow/recover.py
	snakemake --cores $(CORES) --rerun-incomplete

method: $(VENV)/ready ## hand over the best experiment: results/method/
	python workflow/recover.py
	snakemake --cores $(CORES) --rerun-incomplete results/method/method.json

verify: $(VENV)/ready ## compute every SHA-256 of the run anew: is all as it was written?
	python -m assay.verify results/run.json

test: $(VENV)/ready ## set everything up, run all tests (but for Slurm and GPU: below)
	pytest -m "not slurm and not gpu"

test-slurm: $(VENV)/ready ## the study on a real Slurm of three nodes, which root may install (Debian)
	pytest tests/test_slurm.py -rs --durations=3

test-gpu: $(VENV)/ready ## train on a GPU: the same bits each time, cut or not
	pytest tests/test_gpu.py

test-fast: $(VENV)/ready ## unit tests, without whole workflows
	pytest -m "not slow"

fuzz: $(VENV)/ready ## the long run of mutated pictures and tables: 20,000 and 2,000
	ASSAY_FUZZ=20000 pytest tests/test_fuzz.py

bench: $(VENV)/ready ## how fast is it here? Tables of docs/benchmarks.md, to results/bench
	PYTHONPATH=tests python -m bench

bench-peers: build/bench/ready ## the same work by a plain PyTorch loop, Lightning and fastai
	PYTHONPATH=tests python -m bench peers --python $(abspath build/bench)/bin/python

crash: $(VENV)/ready ## kill a small study 200 times, damage its files, fill its disk
	ASSAY_KILLS=200 pytest -s tests/crash

lint: $(VENV)/ready ## style, types and workflow checks
	ruff check . && ruff format --check . && mypy && snakefmt --check Snakefile workflow/rules && snakemake --lint

format: $(VENV)/ready ## rewrite the code in the house's style
	ruff check --fix . && ruff format . && snakefmt Snakefile workflow/rules

lock: pyproject.toml ## pin every dependency anew (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --fork-strategy fewest --no-header -o envs/requirements.lock

clean: ## delete what was made, keep the environment
	find results -mindepth 1 ! -name .gitkeep -delete

# on top of the environment that runs Assay, so that all programs compute with the same torch
build/bench/ready: envs/bench.txt $(VENV)/ready
	$(VENV)/bin/python -m venv build/bench
	$(VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > build/bench/assay.pth
	cp build/bench/assay.pth $$(build/bench/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	build/bench/bin/python -m pip install --quiet -r envs/bench.txt
	touch $@

$(VENV)/ready: envs/requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Assay needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	python -m pip install --quiet --require-hashes -r envs/requirements.lock
	python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
