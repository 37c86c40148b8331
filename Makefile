# Every task prepares what it needs; `make run` and `make test` are all that a newcomer types.
# On a fresh Debian 12: python3 with venv, make and git. What else is missing comes by apt when allowed.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
HOME_DIR := $(or $(CONCILIA_HOME),.local)
BIN := $(HOME_DIR)/venv/bin
START := @$(PYTHON) config/launcher/bootstrap.py
ARGS ?=
LOCK = pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-package docopt --custom-compile-command "make lock"

.PHONY: run test soak lint fmt bench bench-matching lock demo-reset backup restore tools help

run: ## start Concilia with its demo on this machine (PORT=8000); Ctrl-C stops it
	$(START) run

test: ## run all tests, Chromium included (ARGS="tests/reports -x" for some)
	$(START) test $(ARGS)

soak: ## run the long tests too: kill loops, long histories, a million lines
	$(START) test -m soak $(ARGS)

bench-matching: tools ## measure the matching on made-up months (ARGS="--seeds 10 --reports 10000")
	@$(BIN)/python -m tests.bench_matching $(ARGS)

bench: tools ## measure, and print ratios beside their goals
	@$(BIN)/python -m config.launcher with-durable-database $(BIN)/python -m tests.bench $(ARGS)

demo-reset: ## put the demo back as it was, running or not
	$(START) demo-reset

backup: ## copy database and private files to BACKUP_DIR, running or not (ARGS="--to FOLDER --keep 14")
	$(START) backup $(ARGS)

restore: ## bring a backup back into an empty home, and prove it (ARGS="--from FOLDER --until TIME", or "--rehearse")
	$(START) restore $(ARGS)

tools:
	$(START) tools

lint: tools ## everything that reads the code without running it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	git ls-files '*.html' | xargs $(BIN)/djade --target-version 5.2 --check
	$(BIN)/python -m config.launcher with-database $(BIN)/python manage.py makemigrations --check --dry-run

fmt: tools ## put code and templates into their one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files '*.html' | xargs $(BIN)/djade --target-version 5.2

lock: tools ## make the locks anew from requirements.in and requirements-dev.in
	$(BIN)/uv $(LOCK) requirements.in -o requirements.txt
	$(BIN)/uv $(LOCK) requirements-dev.in -o requirements-dev.txt

help: ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/  —/'
