# Every target builds .venv when it is missing or older than the files that say what belongs in it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SEEDS ?= 100

.PHONY: studio report docs check-docs test test-all test-lowest fuzz lint lint-page bench clean

studio: $(STAMP)
	$(BIN)/rosenblatt studio

# Another SEEDS, or a second run, computes only what report/cache does not have yet.
report: $(STAMP)
	$(BIN)/rosenblatt report --out report --seeds $(SEEDS)

# The site, in build/site/index.html. Examples that have not changed are not run again. A broken
# link within the site is an error.
docs: $(STAMP)
	$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet docs build/site
	$(BIN)/python docs/checks/links.py build/site
	@echo "The site is in build/site/index.html."

# Accessibility of one page of each kind, in a browser: wide and narrow, light and dark.
check-docs: docs
	$(BIN)/python docs/checks/accessibility.py build/site

# Each half of the suite stays together, so that few fixtures are made by both processes; the first
# to end takes over tests of the other. The processes that tests start read the package's bytecode.
test test-all: export PYTHONDONTWRITEBYTECODE =
test: $(STAMP)
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

# With the tests that take long, such as those that kill processes, and all cases of each: 20 minutes.
test-all: $(STAMP)
	$(BIN)/pytest -n 2 --dist worksteal

# The oldest versions that pyproject.toml allows, in an environment of their own. They use what newer
# versions of Python and of each other deprecate.
test-lowest:
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(VENV)-lowest/bin/pip install --quiet --editable '.[test]' --constraint constraints-lowest.txt
	$(VENV)-lowest/bin/pytest -n 2 -W ignore::DeprecationWarning -W ignore::FutureWarning

# Hostile files and command lines, others each time; at least 10 000, or it fails.
fuzz: $(STAMP)
	$(BIN)/pytest -n 2 tests/fuzz --hypothesis-profile fuzz

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-page; else echo "The studio's page is not checked: that needs Node.js."; fi

# Format, lint and types of the studio's page.
lint-page: node_modules/.installed
	node_modules/.bin/biome ci
	node_modules/.bin/tsc

node_modules/.installed: package.json
	npm install --no-audit --no-fund --no-package-lock --silent
	touch $@

# PyTorch and JAX take part where they are installed: $(BIN)/pip install '.[bench]'
bench: $(STAMP)
	$(BIN)/python -m benchmarks --out benchmarks
	$(BIN)/python -m benchmarks.studio --out benchmarks
	$(BIN)/python -m benchmarks.sweeps --out benchmarks
	$(BIN)/python -m benchmarks.searches --out benchmarks
	$(BIN)/python -m benchmarks.check --out benchmarks

clean:
	rm -rf $(VENV) $(VENV)-lowest node_modules report build docs/generated

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Installing into $(VENV): 2 GB, some minutes, once."
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --editable '.[test,lint]' --constraint constraints.txt
	touch $@
