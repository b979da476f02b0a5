# `make demo` and `make test` work from nothing but Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin

# Without its compiled files each process would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

# More workers than two cores, because some tests wait for a short time.
PYTEST := PYTEST_PLUGINS=tests.quick_start $(BIN)/python -m pytest -n 3 --dist worksteal

.PHONY: demo run key test coverage proof lint bench crash catalogs lock clean

demo: .venv/run.stamp
	@$(BIN)/python -m bot demo

run: .venv/run.stamp
	@$(BIN)/python -m bot

# Prints a new sealing key for SEALING_KEYS.
key: .venv/run.stamp
	@$(BIN)/python -m bot new-key

# Everything but the proofs; under 90 seconds on two cores.
test: .venv/dev.stamp
	@$(PYTEST) --ignore=tests/proof

# The same tests with more generated examples and with coverage, which must not fall below its floor.
coverage: .venv/dev.stamp
	@$(PYTEST) --ignore=tests/proof --hypothesis-profile=thorough --cov --cov-report=term

# Faults, kills and a flood against the program as a process, its start, untrusted input, secrets, the demo in
# Chromium, and the built wheel.
proof: .venv/dev.stamp
	@$(PYTEST) tests/proof

lint: .venv/dev.stamp
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

# Kills the program hundreds of times, then checks the records of both servers; takes a quarter of an hour.
crash: .venv/dev.stamp
	@$(BIN)/python -m tests.proof.crash --rounds 300 --seed 1

bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks

# Updates the catalogs from the texts in the code; new texts are left untranslated.
catalogs: .venv/dev.stamp
	@$(BIN)/pybabel --quiet extract --no-default-keywords -k t -k plain -k plural:1,2 --no-location \
		--omit-header -o .words.pot bot/telegram
	@for language in vi ru; do $(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --omit-header -w 100 \
		-i .words.pot -o bot/locales/$$language.po -l $$language; done
	@rm .words.pot

lock: .venv/dev.stamp
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --group dev -o requirements-dev.lock

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --fork-strategy fewest --extra stats

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; say PYTHON=...")'
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock | .venv/bin/python
	@echo "Installing into .venv; this takes about a minute." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

.venv/dev.stamp: requirements-dev.lock | .venv/bin/python
	@echo "Installing into .venv; this takes about a minute." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@
