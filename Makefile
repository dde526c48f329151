# Everything a person does with this repository. `make run` is the first thing to try.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-warn-script-location
# Without --python, uv would download a Python 3.12.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python $(BIN)/python --python-version 3.12 \
	--generate-hashes --no-emit-index-url --no-header
# Tests start many processes of Python: what one has compiled, the next finds.
unexport PYTHONDONTWRITEBYTECODE
# How many processes run tests, with one more where tests wait. Each may start a server and a browser.
JOBS := 2
# What `make test-s3` runs, without tests that measure time.
STORING := tests/record tests/engine tests/hearing tests/mail/incoming tests/mail/outgoing tests/before tests/meeting/cutting tests/outcome tests/site
# What `make test-pgbouncer` runs, without tests that measure time.
POOLED := tests/record tests/hearing tests/mail tests/before tests/meeting tests/outcome tests/site
UNTIMED := not alone and not real_time and not peers_mail
CATALOGUES := $(wildcard src/hemicycle/locale/*/LC_MESSAGES/*.po)
# What running needs; the developers' set, $(VENV)/.packages, comes on top of it.
RUNTIME := $(VENV)/.runtime $(VENV)/.catalogues $(VENV)/.frontend

.PHONY: help setup run demo test test-all test-rest test-fast test-random test-s3 test-pgbouncer coverage check bench clients cluster installation-trial package-trial newest messages docs pictures sbom release lock clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1	\2/p' Makefile | expand -t 10

setup: $(RUNTIME) $(VENV)/.packages ## install everything, with the developers' tools; quick when nothing changed

run: $(RUNTIME) ## serve Hemicycle on this machine, with rehearsed hearings in an empty database
	@$(BIN)/hemicycle demo --prepared

demo: $(RUNTIME) ## serve a hearing in progress
	@$(BIN)/hemicycle demo

test: setup ## run what a change can break; JOBS=1 for fewer processes, TESTS=path for some
	@tools/ensure-browser
	@tools/ensure-peers
	@tools/run-tests daily $(JOBS) $(TESTS)

test-all: test test-rest ## run every test, upgrades and benches in small, the most on both databases

test-rest: setup # what `make test-all` has beyond `make test`
	@tools/ensure-browser
	@tools/ensure-peers
	@tools/run-tests rest $(JOBS) $(TESTS)

test-fast: setup ## run what is quick, in less than three minutes: no browser, no server, one test a file on a database
	$(BIN)/pytest --fast -n $(JOBS) --dist worksteal

test-random: setup ## try the tests with random cases on cases that no run had before
	$(BIN)/pytest --hypothesis-profile=random -n $(JOBS) --dist worksteal -m "hypothesis and not alone"

test-s3: setup ## run the tests once more with a store with the S3 protocol; TESTS=path for some
	@tools/ensure-browser
	$(BIN)/pytest --storage=s3 -n $(JOBS) --dist worksteal -m "$(UNTIMED)" $(or $(TESTS),$(STORING))

test-pgbouncer: setup ## run the tests once more behind PgBouncer; TESTS=path for some
	@tools/ensure-browser
	@tools/ensure-peers
	$(BIN)/pytest --database=pgbouncer -n $(JOBS) --dist worksteal -m "$(UNTIMED)" $(or $(TESTS),$(POOLED))

coverage: setup ## count the branches that tests take, by folder; SUITE=test for the daily tests, TESTS=path for some
	@rm -f .coverage .coverage.*
	-@COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml COVERAGE_FILE=$(CURDIR)/.coverage \
	  $(MAKE) --no-print-directory $(or $(SUITE),test-all)
	@$(BIN)/coverage combine --quiet
	@for folder in src/hemicycle/*/ src/; do \
	  share=$$($(BIN)/coverage report --format=total --include="$$folder*" 2> /dev/null) && \
	    printf '%-30s %5s %%\n' "$$folder" "$$share"; \
	done; true

check: setup ## check style, types, imports, other edges, words, templates, scripts, migrations and translations
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/edges.py
	$(BIN)/python tools/words.py
	$(BIN)/python tools/templates.py check
	$(BIN)/python tools/frontend.py check
	$(BIN)/python tools/catalogues.py check
	@scratch=$$(mktemp -d) && trap 'rm -r "$$scratch"' EXIT && \
	  HEMICYCLE_DATA_DIR="$$scratch" $(BIN)/hemicycle manage makemigrations --check --dry-run

bench: setup ## measure speed and memory; ONLY=name for one
	@$(BIN)/python -m bench $(ONLY)

clients: setup ## try the engine with clients and players of others, and write docs/clients.md; ONLY=name for one
	@tools/ensure-browser
	@tools/ensure-clients
	@$(BIN)/python -m tools.clients $(ONLY)

cluster: setup ## start a whole site in network namespaces, kill each part in a rehearsal with sound, print figures; as root
	@tools/ensure-browser
	@tools/ensure-peers cluster
	@tools/ensure-clients pion
	@$(BIN)/python -m tools.cluster

installation-trial: setup ## try a whole installation in a machine of its own, half an hour, as root
	@tools/ensure-browser
	@tools/ensure-machine
	@$(MAKE) --no-print-directory release
	@$(BIN)/python -m tools.installation var/installation-trial --minutes $(or $(MINUTES),10)

package-trial: setup ## install, upgrade, remove and purge Debian's package in a machine of its own, as root
	@tools/ensure-machine
	@$(MAKE) --no-print-directory release
	@$(BIN)/python -m tools.installation.package var/installation-trial

newest: setup ## try our private names against the newest releases; reports only
	@$(BIN)/python -m tools.newest

messages: setup ## bring the message catalogues in line with the sources; NEW=fr begins one
	$(BIN)/python tools/catalogues.py update $(NEW)

docs: setup ## build the handbook, which the site then serves under /help/
	@$(BIN)/python -m tools.handbook

pictures: setup ## take the handbook's pictures from the demonstration
	@tools/ensure-browser
	@$(BIN)/python -m tools.screenshots

sbom: setup ## write sbom.json; ADVISORIES=path compares it with advisories in OSV's format
	@$(BIN)/python -m tools.sbom --output sbom.json $(if $(ADVISORIES),--advisories "$(ADVISORIES)")

release: setup ## build the source distribution and the wheel into dist/, and resolve it for each platform
	@rm -rf dist
	$(BIN)/uv build --quiet --build-constraints requirements-build.txt --require-hashes --out-dir dist
	$(BIN)/python -m tools.platforms
	@ls -sh dist

lock: $(BIN)/python ## renew the locks of Python and front-end packages
	@$(PIP) uv
	$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE) $(UPGRADE) --group build --constraint requirements-dev.txt --output-file requirements-build.txt
	$(BIN)/python tools/frontend.py lock

clean: ## remove what setting up and testing made; keeps var/, which holds data
	rm -rf $(VENV) node_modules src/hemicycle/fonts src/hemicycle/ui/static/vendor build dist
	rm -rf src/hemicycle/site/about/handbook_pages
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find src tests tools -name __pycache__ -prune -exec rm -rf {} +
	find src -name '*.mo' -delete

$(BIN)/python:
	@python=$$(PYTHON="$(PYTHON)" tools/find-python) && echo "Making $(VENV) with $$python" && \
	  "$$python" -m venv --clear $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "Installing Python packages"
	@$(PIP) --require-hashes --requirement requirements.txt
	@touch $@

$(VENV)/.packages: requirements-dev.txt | $(VENV)/.runtime
	@echo "Installing the developers' Python packages"
	@$(PIP) --require-hashes --requirement requirements-dev.txt
	@touch $@

$(VENV)/.catalogues: $(CATALOGUES) tools/catalogues.py | $(VENV)/.runtime
	@$(BIN)/python tools/catalogues.py compile
	@touch $@

# Hemicycle itself. The build hook gathers front-end files and fonts, with tools that stay outside the
# environment and go when they are done.
$(VENV)/.frontend: package.json package-lock.json tools/frontend.py hatch_build.py pyproject.toml | $(VENV)/.runtime
	@echo "Installing Hemicycle and its front-end packages"
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	  $(PIP) --require-hashes --target "$$tools" --requirement requirements-build.txt && \
	  PYTHONPATH="$$tools" $(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src # a statement is read by a process that may write no file
	@touch $@
