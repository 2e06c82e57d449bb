# Everything a person or CI runs. It needs Python 3.11 or later, make and bash, and the network only the first time.
# The first target that needs .venv makes it; it is made again when requirements.lock or pyproject.toml change, and when
# it was made for another folder, or its Python is gone or is not that of PYTHON=.

SHELL := /bin/bash
BIN := .venv/bin
HOST := .venv/.host
GUI := .venv/.gui
READY := .venv/.all
SYSTEM := .venv/.system
UNFIT := $(if $(shell PYTHON='$(PYTHON)' scripts/setup-fits && echo fits),,unfit)
ARGS ?=
ROOMS ?=
CROWDS ?=
# What CI runs on a store, too: whatever a server says and does, by every transport.
ON_A_STORE := tests/unit/aio tests/simulation/test_delivery.py \
	$(addprefix tests/integration/test_,cli_connect.py conformance.py delivery_ws.py files.py protocol_ws.py simple_tcp.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: unfit help setup serve connect gui test check style imports types web-types cover whole late sqlite format lock schema screenshots gallery stress screen-reader firefox simulation test-kill cluster test-cluster names on-cluster bench bench-quic bench-store bench-cluster bench-page attacks docs report compare dist installed classroom container fresh clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  ARGS="..." passes options on to serve, connect, gui, cover, stress, simulation, test-kill and bench; PYTHON=... chooses the Python to set up with.'

setup: $(READY) ## set up all of .venv (the targets do it when needed, each as much as it needs)

# A later part of the lock holds the earlier ones.
$(HOST): requirements.lock pyproject.toml scripts/setup $(UNFIT)
	@scripts/setup host
	@touch $@

$(GUI): requirements.lock pyproject.toml scripts/setup $(UNFIT)
	@scripts/setup gui
	@touch $(HOST) $@

$(READY): requirements.lock pyproject.toml scripts/setup $(UNFIT)
	@scripts/setup all
	@touch $(HOST) $(GUI) $@

$(SYSTEM): $(READY) scripts/setup-system
	@scripts/setup-system test
	@touch $@

serve: $(HOST) ## start a server over WebSocket and QUIC (Ctrl-C stops it)
	@CHATCORE_STARTED_BY_MAKE=1 exec $(BIN)/chatcore serve --transport ws --transport quic $(ARGS)

connect: $(HOST) ## join a chat in the terminal
	@exec $(BIN)/chatcore connect $(ARGS)

gui: $(GUI) ## open the desktop app
	@scripts/setup-system gui
	@exec $(BIN)/chatcore gui $(ARGS)

test: check ## set up, then run all the tests and checks that CI runs

check: style imports types web-types cover whole ## the same as "make test"
	@echo 'All checks passed.'

style: $(READY) ## formatting and lint (ruff)
	$(BIN)/ruff format --check
	$(BIN)/ruff check

imports: $(READY) ## who may import whom (import-linter)
	$(BIN)/lint-imports --no-cache

types: $(READY) ## types (mypy --strict)
	@# Side by side, and each with a cache of its own: what one platform left there is no use to the other.
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 & elsewhere=$$!; $(BIN)/mypy; here=$$?; wait $$elsewhere && exit $$here

web-types: $(SYSTEM) ## types of the page in the browser (tsc; npm fetches it)
	@scripts/web-types

cover: $(READY) $(SYSTEM) ## the unit tests, with branch coverage of the core
	$(BIN)/pytest tests/unit -m 'not slow' --numprocesses auto --cov --cov-report= --cov-fail-under=0 $(ARGS)
	$(BIN)/coverage report

whole: $(READY) $(SYSTEM) ## the tests with real sockets, windows and browsers, and the simulation, but the slow ones
	@scripts/web-types fetch
	@# Most of them wait for something most of the time: two more than there are processors keep those busy.
	@# The longest go first: a long test that began last would keep one processor waiting.
	$(BIN)/pytest tests/kill tests/simulation tests/integration -m 'not slow' --numprocesses $$(( $$(nproc) + 2 )) --dist worksteal $(ARGS)

late: $(READY) ## the tests of the core once more, on a journal that orders in a later turn
	CHATCORE_TEST_JOURNAL=late $(BIN)/pytest tests/unit/chat tests/unit/dialects $(addprefix tests/unit/server/test_,switchboard.py budget.py turns.py) -m 'not slow' --numprocesses auto $(ARGS)

sqlite: $(READY) $(SYSTEM) ## the tests that start servers once more, each server on a store of its own (ARGS="tests/integration" for all of them)
	TEST_STORE=sqlite $(BIN)/pytest $(or $(ARGS),$(ON_A_STORE)) -m 'not slow' --numprocesses auto

stress: $(READY) $(SYSTEM) ## the slow tests
	@scripts/setup-system reader
	@scripts/setup-system firefox
	@scripts/web-types firefox
	@# They take minutes each: no traceback in between, with which Python 3.11 has been seen to crash.
	$(BIN)/pytest -m slow -o faulthandler_timeout=0 $(ARGS)

screen-reader: $(READY) $(SYSTEM) ## what a screen reader has of the desktop app, by keys alone (AT-SPI)
	@scripts/setup-system reader
	$(BIN)/pytest tests/integration/gui/test_gui_screen_reader.py -m slow $(ARGS)

firefox: $(READY) $(SYSTEM) ## the page in Debian's Firefox (80 MB to fetch the first time)
	@scripts/setup-system firefox
	@scripts/web-types firefox
	$(BIN)/pytest tests/integration/web/test_web_firefox.py -m slow $(ARGS)

test-kill: $(READY) ## kill a server with a store again and again, and look for anything that is lost
	$(BIN)/python -m tests.kill.run $(ARGS)

cluster: $(READY) ## start three servers that are one chat, on three servers of NATS, and say how to join
	@exec $(BIN)/python scripts/cluster.py

test-cluster: $(READY) ## kill and stop servers that share a chat, and those of NATS, and look for anything that is lost
	$(BIN)/python -m tests.kill.cluster $(ARGS)

names: $(READY) ## let two people ask for one name at two servers in the same moment, 10,000 times
	$(BIN)/python -m tests.kill.names $(ARGS)

on-cluster: $(READY) $(SYSTEM) ## the tests that start servers once more, each server being three that are one chat on NATS (ARGS="tests/integration" for all)
	TEST_STORE=nats TEST_NODES=3 $(BIN)/pytest $(or $(ARGS),$(ON_A_STORE)) -m 'not slow' --numprocesses auto
	@# What one client was told, the servers of others may not know yet: here they hear everything late (TEST_LATE with any ARGS).
	for who in first last; do TEST_LATE=$$who TEST_STORE=nats TEST_NODES=3 $(BIN)/pytest tests/integration/test_protocol_ws.py -m 'not slow' --numprocesses auto || exit; done

simulation: $(READY) ## many nodes over one journal, whatever happens to them, with many seeds
	$(BIN)/python -m tests.simulation $(ARGS)

bench: $(READY) ## measure what a message costs in a full room (ARGS), in small ones beside others (ROOMS), and crowds (CROWDS)
	$(BIN)/python benchmarks/fanout.py $(ARGS)
	$(BIN)/python benchmarks/small_rooms.py $(ROOMS)
	$(BIN)/python benchmarks/crowds.py $(CROWDS)

bench-quic: $(READY) ## measure the same over QUIC, beside a bare aioquic loop
	$(BIN)/python benchmarks/quic_fanout.py $(ARGS)

bench-store: $(READY) ## measure a store on SQLite, beside plain commits
	$(BIN)/python benchmarks/store.py $(ARGS)

bench-cluster: $(READY) ## measure one, two and three servers that are one chat, beside one in memory or on SQLite
	$(BIN)/python benchmarks/cluster.py $(ARGS)

bench-page: $(READY) $(SYSTEM) ## measure the page in the browser: its first load on a slow processor, and a long room
	$(BIN)/python benchmarks/page.py $(ARGS)

attacks: $(READY) ## attack a server, and measure what a good pair beside the attackers notices
	$(BIN)/python benchmarks/attacks.py $(ARGS)

docs: $(READY) ## build the site with the guides into build/site, warnings as errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

report: $(READY) $(SYSTEM) ## write the measured figures into the report, and make its PDFs in build
	$(BIN)/python scripts/report.py --pdf

compare: $(READY) ## measure the transports on the same work (as root: under loss too)
	$(BIN)/python benchmarks/compare_transports.py $(ARGS)

format: $(READY) ## format the code, and repair what ruff can repair
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

schema: $(READY) ## write docs/protocol anew from the code
	$(BIN)/chatcore schema docs/protocol

screenshots: $(READY) ## make the pictures of the documentation anew
	$(BIN)/python scripts/screenshots.py

gallery: $(READY) ## make pictures of every dialog and state of the desktop app, at three sizes, in build/gallery
	$(BIN)/python scripts/gui_gallery.py

lock: ## write requirements.lock anew from pyproject.toml (UPGRADE=1: with the newest versions)
	@[ -z "$(UNFIT)" ] || scripts/setup host
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/python scripts/lock.py $(if $(UPGRADE),--upgrade)

dist: $(HOST) ## build a wheel and an sdist into dist, without the network
	@rm -rf dist
	$(BIN)/python -m hatchling build --directory dist

installed: dist ## install the wheel into empty environments, and let the programs talk (ARGS=--all: each extra, pipx)
	$(BIN)/python scripts/installed.py $(ARGS)

classroom: dist $(READY) $(SYSTEM) ## thirty people in a room of a server that is the wheel alone, ten of them in browsers
	$(BIN)/python scripts/classroom.py

container: dist ## build the container, run it, and talk to it, where docker or podman works (BASE=... is another base image)
	@scripts/container

fresh: $(HOST) ## check that set-up works on any day: in an empty folder, with an old pip, all of the lock outdated
	$(BIN)/python scripts/fresh.py

clean: ## remove .venv, caches and what was built
	rm -rf .venv .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
