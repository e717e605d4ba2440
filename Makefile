# Each target sets up what it needs by itself: a virtual environment of its own,
# filled from the hashed lock (with uv where it is installed, else with pip).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench soak pictures lock clean

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.run: requirements/run.txt requirements/install.sh pyproject.toml
	@sh requirements/install.sh $(PYTHON) $(VENV) requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/install.sh pyproject.toml
	@sh requirements/install.sh $(PYTHON) $(VENV) requirements/dev.txt
	@touch $@ $(VENV)/.run

demo: $(VENV)/.run ## Play with a whole practice: no accounts, nothing leaves this machine
	@$(BIN)/python -m helpspace demo

test: $(VENV)/.dev ## Run the tests, PostgreSQL included
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q

check: $(VENV)/.dev ## Lint, format check and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Measure, as ratios in one run
	$(BIN)/python -m benchmarks

soak: $(VENV)/.dev ## The long figures: kills, races, many steps
	$(BIN)/python -m pytest -q -p no:randomly tests/soak

pictures: $(VENV)/.dev ## Draw the pictures of the documents from the sample practice
	$(BIN)/python -m helpspace.sandbox.pictures docs/pictures

lock: ## Write the locks anew (needs uv)
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --all-extras --group dev pyproject.toml -o requirements/dev.txt
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra qr -c requirements/dev.txt pyproject.toml -o requirements/run.txt

clean: ## Remove the environment and caches
	rm -rf $(VENV) .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis
