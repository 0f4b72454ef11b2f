# `make run` starts the watcher, `make test` checks everything; `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# how many tests run side by side; CI sets it to what the machine has
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: run demo test lint format types contracts tests one watch test-system-deps bench fuzz score day torture torture-cluster hostile badinput container-steps audit sbom docs reference man release-check transcript coverage mutation lock lock-servers lock-mutation clean help samples screenshots bench-full
# how long each reader is fuzzed
SECONDS_EACH ?= 60

run: $(READY)  ## start the service with ./sources.yaml on embedded SQLite
	$(BIN)/watcher run

demo: $(READY)  ## thirty seconds of Alofisel's years on loopback: pages, verdicts, the one mail
	$(BIN)/watcher demo

test: $(READY)  ## formatting, lint, types, import contracts and all tests; says what was skipped
	@$(BIN)/python tests/run_all.py

lint: $(READY)  ## formatting and lint
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests

format: $(READY)  ## write formatting and lint as they should be, where a program can
	$(BIN)/ruff format src tests
	$(BIN)/ruff check --fix src tests

types: $(READY)  ## mypy --strict
	$(BIN)/mypy

contracts: $(READY)  ## the floors of the house, by import-linter
	$(BIN)/lint-imports

tests: $(READY)  ## the tests alone
	$(BIN)/pytest -n $(WORKERS)

one: $(READY)  ## the tests of T (a file, a folder, several), of those the ones that K names
	$(BIN)/pytest -q $(T) $(if $(K),-k "$(K)")

# watchdog's command; it comes with mkdocs. The first run does not wait for a change.
watch: $(READY)  ## the tests of T (tests/unit), now and anew whenever a file changes, what failed first
	-$(ANEW)
	$(BIN)/watchmedo shell-command --recursive --drop --patterns '**/*.py;**/*.html;**/*.json;**/*.md;**/*.yaml' \
	  --command '$(ANEW)' src tests

ANEW = $(BIN)/pytest -q --failed-first --maxfail 5 $(or $(T),tests/unit) $(if $(K),-k "$(K)")

coverage: $(READY)  ## what the tests reach of each room, in lines and branches: dist/coverage (minutes)
	@mkdir -p dist
	COVERAGE_FILE=dist/.coverage $(BIN)/pytest -q -n $(WORKERS) --cov --cov-branch \
	  --cov-report=html:dist/coverage --cov-report=json:dist/coverage.json \
	  tests/unit tests/property tests/golden tests/contract tests/integration
	@$(BIN)/python tests/coverage_rooms.py dist/coverage.json

mutation: .venv-mutation/.ready  ## change what decides in small ways and see whether tests notice (three quarters of an hour)
	.venv-mutation/bin/mutmut run
	@.venv-mutation/bin/python tests/mutation_scores.py mutants

test-system-deps:  ## what some tests need from Debian's packages; without it they skip and say so
	@bash tests/system_deps.sh

bench: $(READY)  ## the quick benchmarks: that they work, in two minutes; figures need bench-full
	$(BIN)/python benchmarks/quick.py
	$(BIN)/python benchmarks/passes.py --n 40
	$(BIN)/python benchmarks/log.py --events 10000 --rounds 1
	$(BIN)/python benchmarks/log_limits.py --events 5000 --batches 5 --rounds 1
	$(BIN)/python benchmarks/parts.py --rounds 1 --pages 5
	$(BIN)/python benchmarks/web.py --events 3000 --snapshots 100 --rounds 2 --no-exports --no-aims
	$(BIN)/python benchmarks/where.py --n 20
	$(BIN)/python benchmarks/told_in.py --n 40 --rounds 1
	$(BIN)/python benchmarks/days.py --pages 5 --days 40
	$(BIN)/python benchmarks/memory.py --n 20 40
	$(BIN)/python benchmarks/bulk.py --records 270 --rounds 1
	$(BIN)/python benchmarks/web_load.py --events 1000 --snapshots 50 --seconds 3

bench-full: $(READY)  ## all benchmarks at length, beside our peers, recorded and drawn: hours
	bash benchmarks/full.sh $$(date -u +%F)

score: $(READY)  ## recall and precision over labelled histories and the fault bench, where they are
	$(BIN)/python tests/score/score.py

fuzz: $(READY)  ## damaged pages into every reader, SECONDS_EACH (60) seconds each
	@for reader in $$($(BIN)/python -c 'from watcher.readers.registry import READERS; print(*READERS)'); do \
	  $(BIN)/python tests/fuzz/fuzz_readers.py --reader $$reader --seconds $(SECONDS_EACH) || exit 1; done

torture: $(READY)  ## kill the service and its senders hundreds of times and count what is lost: 20 minutes
	$(BIN)/python tests/torture/torture.py
	$(BIN)/python tests/torture/deliveries.py
	$(BIN)/python tests/torture/postgres.py

torture-cluster: $(READY)  ## kill workers, schedulers and PostgreSQL 50 times over 20,000 pages: 20 minutes at the most
	$(BIN)/python tests/torture/cluster.py

day: $(READY)  ## a day as a guest: how often the shipped sources.yaml asks whom, hour by hour
	@$(BIN)/python tests/day.py

hostile: $(READY)  ## meet every hostile input and write what each cost into docs/security.md
	$(BIN)/python tests/hostile/measure.py

badinput: $(READY)  ## ten thousand bad inputs through everything that reads; counts by outcome
	$(BIN)/python -W ignore tests/fuzz/badinput.py 10000 --write

screenshots: $(READY)  ## picture every page, light and dark, into docs/images/pages
	@$(BIN)/python -W ignore tests/browser/screenshots.py

audit: $(READY)  ## known vulnerabilities of what is locked, and where lint looks away; ends with 2 offline
	$(BIN)/python tests/supply/audit.py

sbom: $(READY)  ## the bill of materials, CycloneDX, the same each time: dist/sbom.json
	@mkdir -p dist
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
	  -o dist/sbom.json requirements.lock

man: $(READY)  ## the manual page, made of the commands: man/watcher.1
	@$(BIN)/python tests/release/man_page.py

release-check: $(READY)  ## wheel and sdist built twice, checked, installed on 3.11 to 3.13 and tried: dist/ (minutes)
	@$(BIN)/python tests/release/check.py

docs: $(READY)  ## the documents as a site in dist/site; every link has to lead somewhere
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

reference: man  ## write anew the documents that are made from the program
	PYTHONPATH=tests$${PYTHONPATH:+:$$PYTHONPATH} $(BIN)/python tests/kit/write_documents.py

transcript: $(READY)  ## play somebody's first ten minutes and write them into docs/first-ten-minutes.md
	@$(BIN)/python tests/first_ten_minutes.py

container-steps: $(READY)  ## the Containerfile's steps in scratch roots, and what comes of them started (root, minutes)
	@$(BIN)/python tests/container/steps.py

samples: $(READY)  ## catch a sample event of each type while the tests run (a quarter of an hour)
	$(BIN)/pytest -q -n 0 -p kit.event_samples tests/unit tests/contract tests/integration

lock:  ## make requirements.lock, and those of the container, anew (needs uv)
	uv pip compile --generate-hashes --no-emit-index-url --no-strip-extras --universal --python-version 3.11 \
	  --all-extras --group dev --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	uv pip compile --generate-hashes --no-emit-index-url --no-strip-extras --universal --python-version 3.11 \
	  $(foreach extra,excel pdf warc s3 oidc cluster,--extra $(extra)) --constraint requirements.lock \
	  --no-annotate --custom-compile-command "make lock" pyproject.toml -o deploy/requirements.lock
	uv pip compile --generate-hashes --no-emit-index-url --no-strip-extras --universal --python-version 3.11 \
	  --constraint requirements.lock --no-annotate --custom-compile-command "make lock" \
	  deploy/build.in -o deploy/build.lock

lock-servers:  ## make requirements-servers.lock anew (needs uv)
	uv pip compile --generate-hashes --no-emit-index-url --no-strip-extras --universal --python-version 3.11 \
	  --custom-compile-command "make lock-servers" requirements-servers.in -o requirements-servers.lock

lock-mutation:  ## make requirements-mutation.lock anew (needs uv)
	uv pip compile --generate-hashes --no-emit-index-url --no-strip-extras --universal --python-version 3.11 \
	  --constraint requirements.lock --custom-compile-command "make lock-mutation" requirements-mutation.in \
	  -o requirements-mutation.lock

clean:  ## remove the environment and caches; what a watcher has kept stays
	rm -rf $(VENV) .venv-mutation mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | column -t -s $$'\t'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "watcher needs Python 3.11 to 3.13: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

.venv-mutation/.ready: requirements.lock requirements-mutation.lock
	$(PYTHON) -m venv .venv-mutation
	.venv-mutation/bin/pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements.lock -r requirements-mutation.lock
	@touch .venv-mutation/.ready
