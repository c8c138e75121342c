# netsim's chores. `make` alone lists them; `make env check test` is a newcomer's first minute.

PYTHON ?= $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)
LINT_IMPORTS := -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock'

.DEFAULT_GOAL := help
.PHONY: help env tools vendor check test slow agree fuzz golden bench docs wheel lock clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env:  ## Make .venv from the lock, with netsim editable in it
	test -x .venv/bin/python || python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	.venv/bin/python -m pip install --quiet --no-deps --editable .

tools:  ## Fetch helm, the validators of SARIF and what drives a browser into build/tools, for the tests that need them
	$(PYTHON) .ci/tools.py --validator --browser

vendor:  ## Take the report's library from npm as assets/vendored.json pins it; a changed file is refused
	$(PYTHON) .ci/vendor.py

check:  ## Format, lint, types, floors and the house rules: under a minute
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	$(PYTHON) -m mypy
	$(PYTHON) $(LINT_IMPORTS)
	$(PYTHON) -m pytest --quiet tests/quality

test:  ## The tests, on every core: minutes
	$(PYTHON) -m pytest

slow:  ## Those that wait for real browsers, workers and pipelines
	$(PYTHON) -m pytest -m slow

agree:  ## The nightly argument: thousands of generated clusters, each form against the definition
	NETSIM_HYPOTHESIS=nightly $(PYTHON) -m pytest --numprocesses auto tests/agree

fuzz:  ## Damaged inputs against a second reading, for an hour; FUZZ_SECONDS sets the time
	$(PYTHON) -m tests.fuzz --seconds $(or $(FUZZ_SECONDS),3600)

golden:  ## Rewrite the golden files; review the diff as a change of answers
	NETSIM_GOLDEN=rewrite $(PYTHON) -m pytest --quiet tests/golden tests/cli/test_readme.py tests/cli/test_docs.py
	NETSIM_GOLDEN=rewrite $(PYTHON) -m pytest --quiet tests/quality/test_translations.py

bench:  ## Time and memory, with sizes, seeds and machine
	$(PYTHON) -m benchmarks
	$(PYTHON) -m benchmarks.loading --pods 100000 --policies 10000
	$(PYTHON) -m benchmarks.blast
	$(PYTHON) -m benchmarks.blast --pods 30000 --bindings 6000 --policies 3000
	$(PYTHON) -m benchmarks.prove
	$(PYTHON) -m benchmarks.prove --policies 2000

docs:  ## Build docs/ into build/docs, with the pages made from the code; a warning is an error
	@$(PYTHON) -c 'import furo, myst_parser, sphinx' || { echo "pip install -r requirements/docs.txt" >&2; exit 1; }
	$(PYTHON) .ci/docs.py

wheel:  ## Build the wheel into dist/, then install and run it away from the tree
	bash .ci/wheel $(PYTHON)

lock:  ## Pin what pyproject.toml asks for; UPGRADE=--upgrade moves the pins
	python3 -m venv build/lock
	build/lock/bin/python -m pip install --quiet uv
	build/lock/bin/$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements/run.txt
	build/lock/bin/$(COMPILE) $(UPGRADE) pyproject.toml --extra dev --constraint requirements/run.txt \
		--output-file requirements/dev.txt
	build/lock/bin/$(COMPILE) $(UPGRADE) pyproject.toml --extra docs --constraint requirements/dev.txt \
		--output-file requirements/docs.txt

clean:  ## Remove what the other targets made, .venv excepted
	rm -rf build dist *.egg-info .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
