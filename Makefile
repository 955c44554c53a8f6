# Two commands on a fresh machine with Python 3.11-3.13, git and make:
#   make demo   installs visreason into .venv and runs the main job: a world, a network that learns it, its reasoning
#   make test   installs visreason with its test tools into .venv and runs every test

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
WORKERS ?= 2
# PYTEST_FLAGS="-m ''" runs the slow tests too.
PYTEST_FLAGS ?= -m "not slow"

.PHONY: demo test check audit docs clean

demo: $(VENV)/.installed
	$(BIN)/visreason train rn-quick --out demo/run --overwrite
	$(BIN)/visreason test demo/run
	$(BIN)/visreason plot demo/run
	$(BIN)/visreason generate demo/world --split val --scenes 6 --overwrite
	$(BIN)/visreason ask demo/run demo/world/images/val/CLEVR_val_000000.png \
	    "What shape is the yellow thing?" --explain demo/why.png
	@echo
	@echo "demo/run          the trained network, its metrics and settings (results/ has the scores and pictures)"
	@echo "demo/world        six scenes in CLEVR's format: images, scenes, questions, programs, answers"
	@echo "demo/why.png      which pairs of objects drove the answer"
	@echo
	@echo "Try next:"
	@echo "  $(BIN)/visreason ask demo/run demo/world/images/val/CLEVR_val_000000.png \"How many small metal things are there?\""
	@echo "  $(BIN)/visreason train question-only-quick    the same training without looking at the scene"
	@echo "  $(BIN)/visreason recipes                      what else can be trained"

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_FLAGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check src tests docs
	$(BIN)/ruff format --check src tests docs
	$(BIN)/mypy

audit:
	PYTHON="$(PYTHON)" .ci/audit "$(VENV)-audit"

docs: $(VENV)/.installed-docs
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build/html

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else f"visreason needs Python 3.11 to 3.13; this is {v[0]}.{v[1]}: try `make PYTHON=python3.12 ...`")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --editable '.[dev]'
	touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	$(PIP) --editable '.[docs]'
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-audit demo docs/_build .pytest_cache .mypy_cache .ruff_cache
