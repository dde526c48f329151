# Everything a person does with this repository. `make run` is the first thing to try.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
CATALOGUES := $(wildcard src/hemicycle/locale/*/LC_MESSAGES/*.po)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 10

.PHONY: setup
setup: $(VENV)/.packages $(VENV)/.frontend $(VENV)/.catalogues ## install everything; quick when nothing changed

$(VENV)/bin/python:
	@python=$$(PYTHON="$(PYTHON)" tools/find-python) && echo "Making $(VENV) with $$python" && "$$python" -m venv $(VENV)

$(VENV)/.packages: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing Python packages"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.frontend: package.json package-lock.json tools/frontend.py | $(VENV)/.packages
	@echo "Installing front-end packages"
	@$(BIN)/python tools/frontend.py
	@touch $@

$(VENV)/.catalogues: $(CATALOGUES) | $(VENV)/.packages
	@for catalogue in $(CATALOGUES); do \
	  $(BIN)/pybabel --quiet compile --use-fuzzy --input-file="$$catalogue" --output-file="$${catalogue%.po}.mo" || exit 1; \
	done
	@touch $@

.PHONY: run
run: setup ## serve Hemicycle on this machine
	@$(BIN)/hemicycle up

.PHONY: lock
lock: ## renew the locks of Python and front-end packages
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements-dev.txt
