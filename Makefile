# Everything a contributor or CI runs. `make demo` and `make test` need only Python 3.11 (with venv) and make.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := requirements/dev.lock
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --custom-compile-command "make lock"

.PHONY: demo test slow lint format docs bench lock wheel clean

demo: $(STAMP)
	$(BIN)/ecumene compare --out out

test: $(STAMP)
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

slow: $(STAMP)
	$(PYTEST) -m slow $(PYTEST_ARGS) || test $$? -eq 5  # 5: there are none

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(STAMP)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.shocks
	$(BIN)/python -m benchmarks.sovereignty
	$(BIN)/python -m benchmarks.tariffs
	$(BIN)/python -m benchmarks.planning

wheel: $(STAMP)
	rm -rf dist
	$(BIN)/hatchling build --target wheel

# The lock names versions and hashes for every platform and no registry.
lock: $(STAMP)
	$(COMPILE) --extra dev --output-file $(LOCK)
	$(COMPILE) --constraint $(LOCK) --output-file requirements/core.lock

# Installed once; again only when the lock or the package's own metadata change.
$(STAMP): $(LOCK) pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q ecumene
	touch $@

clean:
	rm -rf $(VENV) out dist site
