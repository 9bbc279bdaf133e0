# `make demo` and `make test` do all the set-up on a fresh machine. Another Python: make demo PYTHON=python3.12
# Where the usual ports are taken: make demo PORT=9000 uses 9000 to 9003.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE # set in many a container: each process of the tests would compile anew what it imports

.PHONY: demo help up test check lint types imports unit properties bench screenshots lock env-example wheel clean

demo: $(VENV)/.ready  ## the whole suite in the foreground, against a simulated Binance
	@$(PORTS) $(BIN)/volspike up --simulate $(AT)
ifeq ($(origin PORT),command line) # many an environment has a PORT for something else
PORTS := FUNDING_API_PORT=$$(($(PORT) + 1)) BACKEND_PORT=$$(($(PORT) + 2)) DASHBOARD_PORT=$$(($(PORT) + 3))
AT := --simulator-port $(PORT)
ifeq ($(shell echo '$(PORT)' | grep -Ex '[1-9][0-9]{0,4}' | awk '$$1 <= 65532'),)
$(error PORT=$(PORT): must be a number from 1 to 65532, the first of four ports: make demo PORT=9000)
endif
endif

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):[^#]*##  *\(.*\)/make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
	    while IFS='|' read -r target meaning; do printf '%-12s %s\n' "$$target" "$$meaning"; done

up: $(VENV)/.ready  ## the same against live Binance
	@$(BIN)/volspike up

test: $(VENV)/.ready-dev  ## all tests that this machine can run
	@$(BIN)/python -m tests

check: lint types imports test  ## what must hold before each commit

unit: $(VENV)/.ready-dev  ## the fast tests alone, with their coverage
	@$(BIN)/pytest tests/unit -n 2 --cov --cov-report=term-missing:skip-covered

properties: $(VENV)/.ready-dev  ## the tests of properties alone, each with hundreds of examples
	@$(BIN)/pytest tests/unit -n 2 -m hypothesis --hypothesis-profile thorough

lint: $(VENV)/.ready-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .

types: $(VENV)/.ready-dev
	@$(BIN)/mypy

imports: $(VENV)/.ready-dev
	@$(BIN)/lint-imports --no-cache | tail -4

bench: $(VENV)/.ready-dev  ## every promise beside what is measured and beside the old way
	@$(BIN)/python -m bench

wheel: $(VENV)/.ready  ## the package, in dist/
	@$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

screenshots: $(VENV)/.ready-dev  ## the README's pictures of the dashboard, taken anew of a demo (needs chromium, and fonts-noto-color-emoji)
	@$(BIN)/python -m bench.screenshots

lock:  ## pin all dependencies anew (needs uv)
	uv pip compile pyproject.toml $(LOCK) --output-file requirements.lock
	uv pip compile pyproject.toml --group dev $(LOCK) --output-file requirements-dev.lock
	echo tgcrypto | uv pip compile - $(subst --all-extras,,$(LOCK)) --output-file requirements-tgcrypto.lock
LOCK := --all-extras --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --upgrade

env-example: $(VENV)/.ready
	@$(BIN)/python -c 'from volspike import settings; print(settings.example(), end="")' > .env.example

clean:  ## remove what was made
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

$(VENV)/.ready: requirements.lock requirements-tgcrypto.lock pyproject.toml
	@deploy/python.sh $(VENV) requirements.lock $(PYTHON)
	@deploy/tgcrypto.sh $(VENV) requirements-tgcrypto.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@deploy/python.sh $(VENV) requirements-dev.lock $(PYTHON)
	@touch $@
