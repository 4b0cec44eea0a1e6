# make run   serves the product on 127.0.0.1        make test   checks everything
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
DATA   ?=
export PORT

.PHONY: run test test-long lint bench load conformance screenshots frontend demo-history messages clean

run: $(VENV)/ready
	@$(BIN)/python -m config.run $(if $(DATA),--data "$(DATA)")

test: $(VENV)/ready-for-tests
	@bash tests/support/run.sh

test-long: $(VENV)/ready-for-tests
	@bash tests/support/run.sh --long

lint: $(VENV)/ready-for-tests
	@bash tests/support/lint.sh

bench: $(VENV)/ready-for-tests
	@bash tests/support/with-services.sh $(BIN)/python -m tests.bench

# A steady load, into build/load.json: make load [DB=postgresql] [WORKERS=2] [MINUTES=10] [RATE=1]; every combination unless said.
load: $(VENV)/ready-for-tests
	@bash tests/support/with-services.sh $(BIN)/python -m tests.load.dispute $(if $(DB),--db $(DB)) $(if $(WORKERS),--workers $(WORKERS)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(RATE),--rate $(RATE))

conformance: $(VENV)/ready-for-tests
	@test -n "$(DATA)" || { echo "Say where the outside suites are: make conformance DATA=DIR"; exit 2; }
	@$(BIN)/python -m tests.conformance "$(DATA)"

# Pictures of every main page into build/screenshots/; DATABASE=FILE takes a copy of a database instead of a short demo.
screenshots: $(VENV)/ready-for-tests
	@$(BIN)/python -m config.messages compile
	@bash tests/support/with-services.sh $(BIN)/python -m tests.browser.screenshots $(if $(DATABASE),--database "$(DATABASE)") $(if $(ONLY),--only $(ONLY))

demo-history: $(VENV)/ready
	@$(BIN)/python manage.py demo build

frontend:
	@cd admin_ext/frontend && npm ci --silent && npm run --silent build

messages: $(VENV)/ready
	@$(BIN)/python -m config.messages extract && $(BIN)/python -m config.reference

clean:
	rm -rf build $(VENV)

$(VENV)/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info < (3, 14)))' || { echo "Python 3.11 to 3.13 is needed; set PYTHON=..."; exit 2; }
	@echo "Setting up the virtual environment ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready tests/requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@
