# make run: everything a fresh machine needs, then the program on http://127.0.0.1:8050
# make test, make lint, make bench, make soak, make bundle, make lock: see CONTRIBUTING.md
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# A bundle carries its wheels; then no index is asked.
WHEELS := $(wildcard wheels/*.whl)
PIP_FLAGS := --disable-pip-version-check --require-hashes $(if $(WHEELS),--no-index --find-links wheels,)
# What a first start shows: standard, hills, tiny or megacity.
DEMO ?= standard
# Each worker goes through neighbouring tests, which share what was set up, and takes over from the other when it has done.
PYTEST_FLAGS ?= -n auto --maxprocesses 4 --dist worksteal

export PYTHONDONTWRITEBYTECODE ?=

.PHONY: run setup dev browser test lint bench bench-rivals soak pictures bundle lock typeface clean

run: setup
	@$(BIN)/python app.py demo --unless-there --preset $(DEMO)
	@$(BIN)/python app.py serve

setup: $(VENV)/installed
dev: $(VENV)/installed-dev

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/installed: requirements.txt $(VENV)/created
	$(BIN)/python -m pip install --quiet $(PIP_FLAGS) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/created
	$(BIN)/python -m pip install --quiet $(PIP_FLAGS) -r requirements-dev.txt
	@touch $@ $(VENV)/installed

browser:
	@sh tests/e2e/browser.sh

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/mypy

test: dev browser
	$(BIN)/python -m pytest -m "not soak" $(PYTEST_FLAGS)

soak: dev browser
	$(BIN)/python -m pytest -m soak $(PYTEST_FLAGS)

bench: dev
	$(BIN)/python -m tests.bench

# The drawing of grids beside the tools that need minutes: GerryChain and spopt, 60 s each.
# The other tools that draw districts, each with a minute.
bench-rivals: dev
	$(BIN)/python -m pip install --quiet $(PIP_FLAGS) -r requirements-rivals.txt
	JINGWEI_BENCH_RIVALS=1 $(BIN)/python -m tests.bench plan

pictures: dev browser
	$(BIN)/python -m tests.pictures

bundle: setup
	$(BIN)/python -m etl.bundle

# The lock: every package with its hashes, and no index named (options in pyproject.toml).
lock: export CUSTOM_COMPILE_COMMAND = make lock
lock: $(VENV)/created
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --extra dev --output-file requirements-dev.txt pyproject.toml
	$(BIN)/pip-compile --quiet --extra rivals --output-file requirements-rivals.txt pyproject.toml

# The typeface of PDFs and printed maps, from an installed Noto Sans CJK (Debian: fonts-noto-cjk).
typeface: setup
	$(BIN)/python -m etl.typeface

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache
