# Needed on the machine: python3 >= 3.11 with its venv module, make, git. Everything else is fetched by `make setup`.
# Environment: PORT, VESTRY_HOME (folder of the database and files), VESTRY_DATABASE_URL, VESTRY_DEMO=0 (no demo firm).

PYTHON ?= python3
PORT ?= 8000
# Test processes; each starts databases of its own. They wait now and then, so one more than there are processors.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(8, (os.cpu_count() or 1) + 1))")
ARGS ?=
USERS ?= 20
SECONDS ?= 30

BIN := .venv/bin
UV := .tools/bin/uv
NPM := $(PYTHON) scripts/npm.py
SOURCES := src tests bench scripts

.DEFAULT_GOAL := help
.PHONY: help setup run dev test lint format types contracts deps locks api api-check reference web bench docs \
        coverage profile load lock hooks clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup:  ## Python environment, editable install, web client; a second run takes seconds
	@$(PYTHON) scripts/setup.py

run: setup  ## set up, migrate, load the demo firm into an empty database, serve on 127.0.0.1:$PORT
	@$(BIN)/vestry run

test: setup  ## all tests: web unit, Python, browser, both databases (ARGS="tests/kernel -k irr" for pytest)
	@$(BIN)/python -m tests.servers
	$(NPM) test
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

dev: setup  ## serve with reload, and the web client with hot reload on its own port
	@$(BIN)/vestry db upgrade && $(BIN)/vestry sign-in-link
	@trap 'kill $$web' EXIT; $(NPM) run dev & web=$$!; \
	$(BIN)/uvicorn vestry.cli.server:application --factory --reload --reload-dir src --port $(PORT)

lint:  ## ruff, and oxlint and prettier on the web client
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(NPM) run --silent lint
	$(NPM) run --silent format:check

format:  ## let ruff and prettier rewrite
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(NPM) run --silent format

types:  ## mypy --strict, and tsc on the web client
	$(BIN)/mypy
	$(NPM) run --silent typecheck

contracts:  ## the layers of ARCHITECTURE.md
	$(BIN)/lint-imports --no-logo

deps:  ## imports against declared dependencies
	$(BIN)/deptry src

locks:  ## no lock file names the host it was made from
	! grep -nE '://|^--' requirements/*.txt
	! grep -n '"resolved"' web/package-lock.json

api:  ## write the API's description and the web client's types from it
	$(BIN)/vestry openapi > web/openapi.json
	$(NPM) run --silent gen

api-check:  ## fail where the committed description or types are stale
	@mkdir -p .work
	$(BIN)/vestry openapi > .work/openapi.json
	diff -u web/openapi.json .work/openapi.json || { echo "stale: run make api"; exit 1; }
	$(NPM) run --silent gen -- --check || { echo "stale: run make api"; exit 1; }

reference:  ## write docs/reference from the code: policy, settings, commands, refusals
	$(BIN)/python scripts/reference.py

web:  ## build the web client again
	rm -f .work/web.stamp
	@$(PYTHON) scripts/setup.py

bench:  ## speed as ratios against peers (ARGS=kernel for one)
	@$(PYTHON) scripts/bench.py $(ARGS)

docs: setup  ## the documentation as a site in .work/site
	@test -x .work/docs/bin/mkdocs || $(UV) venv -q --clear --python $(BIN)/python .work/docs
	$(UV) pip sync -q --require-hashes --python .work/docs/bin/python requirements/docs.txt
	NO_MKDOCS_2_WARNING=1 .work/docs/bin/mkdocs build --strict --quiet --site-dir .work/site
	@echo "open .work/site/index.html"

coverage: setup  ## the Python tests with a coverage report in htmlcov/
	@$(BIN)/python -m tests.servers
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term:skip-covered --cov-report=html $(ARGS)

profile: setup  ## where a command spends its time (ARGS="fund performance --all --json")
	@mkdir -p .work
	$(BIN)/python -m cProfile -o .work/profile $(BIN)/vestry $(ARGS) > .work/profile.out
	$(BIN)/python -c "import pstats; pstats.Stats('.work/profile').sort_stats('cumulative').print_stats(40)"

load:  ## simulated analysts on a server that runs (USERS=20 SECONDS=30)
	@VESTRY_TOKEN="$$($(BIN)/vestry token create --role analyst --name load --days 1 | tail -1)" \
	$(BIN)/locust -f bench/locustfile.py --headless --only-summary -u $(USERS) -r $(USERS) -t $(SECONDS)s \
	  --host http://127.0.0.1:$(PORT)

lock:  ## pin the dependencies again (ARGS="--upgrade" or ARGS="--upgrade-package numpy" to move pins)
	@sh scripts/lock.sh $(ARGS)
	$(NPM) install --package-lock-only

hooks: setup  ## run the checks before each commit
	$(BIN)/prek install

clean:  ## remove everything that was made; the database in VESTRY_HOME stays
	rm -rf .venv .tools .work web/node_modules src/vestry/static dist build htmlcov .coverage \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests bench scripts -name __pycache__ -prune -exec rm -rf {} +
