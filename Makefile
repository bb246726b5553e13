# Everything a contributor or CI runs. `make demo` and `make test` need only Python 3.11 (with venv) and make.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := requirements/dev.lock
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --custom-compile-command "make lock"

WEB := $(BIN)/python web-ui/tool.py
PACKAGES := web-ui/node_modules/.installed
NAMES := web-ui/src/names.json
PAGE := ecumene/report/page/report.html
APP := ecumene/web/page/index.html
PAGE_SOURCES := $(shell find web-ui -maxdepth 1 -type f) $(shell find web-ui/src -type f -not -path $(NAMES))

.PHONY: demo serve page test slow browser lint format docs bench lock wheel clean

demo: $(STAMP) $(PAGE)
	$(BIN)/ecumene compare --out out --report out/report.html

serve: $(STAMP) $(PAGE) $(APP)
	$(BIN)/ecumene serve

# What reports and the app are made of, from web-ui, with the Node from PyPI whatever is installed.
page: $(PAGE) $(APP)

test: $(STAMP)
	$(PYTEST) -m "not slow and not browser" $(PYTEST_ARGS)

browser: $(STAMP) $(PAGE) $(APP)
	$(BIN)/python -m pytest -m browser $(PYTEST_ARGS)

slow: $(STAMP)
	$(PYTEST) -m slow $(PYTEST_ARGS) || test $$? -eq 5  # 5: there are none

lint: $(STAMP) $(PACKAGES) $(NAMES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(WEB) tsc --noEmit
	$(WEB) vitest run

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP) $(PAGE)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(STAMP)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.shocks
	$(BIN)/python -m benchmarks.sovereignty
	$(BIN)/python -m benchmarks.tariffs
	$(BIN)/python -m benchmarks.planning
	$(BIN)/python -m benchmarks.web
	$(BIN)/python -m benchmarks.sweeps

wheel: $(STAMP) $(PAGE) $(APP)
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

$(PACKAGES): web-ui/package.json web-ui/package-lock.json web-ui/.npmrc | $(STAMP)
	$(WEB) npm ci --ignore-scripts --loglevel error
	touch $@

$(NAMES): web-ui/names.py | $(STAMP)
	$(BIN)/python web-ui/names.py

$(PAGE): $(PACKAGES) $(NAMES) $(PAGE_SOURCES)
	$(WEB) vite build --logLevel warn
	touch $@

$(APP): $(PACKAGES) $(NAMES) $(PAGE_SOURCES)
	$(WEB) vite build --mode app --logLevel warn
	touch $@

clean:
	rm -rf $(VENV) out dist site web-ui/node_modules $(NAMES) $(dir $(PAGE)) $(dir $(APP))
