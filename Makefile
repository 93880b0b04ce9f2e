# Everything that one does with this repository. `make` alone explains; needed are make and Python 3.11 or newer
# with venv and pip. What is installed goes below .local/ (local/environment.py).

PYTHON ?= python3
STAGE ?= dev
ARGS ?=
PROCESSES ?= 2

IN := $(PYTHON) -m local.environment
ALL := $(IN) development cloud functions agent --
DEVELOPMENT := $(IN) development --
SAM := $(IN) sam -- -m samcli
BUILD := .local/build

# Compiled files go below .local/ too, so that the checkout holds nothing but sources.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.local/bytecode
export SAM_CLI_TELEMETRY := 0
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help run test test-long check inspect format formatted lint types imports validate build bench deploy lock clean

help: ## what there is (this)
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: ## a payment's whole way on this machine; stays up (ARGS=--once ends by itself; TILLBRIDGE_PORT=… another port)
	@$(ALL) -m local $(ARGS)

test: ## all tests but the long ones (ARGS='-k cancel' and such go to pytest; PYTHON=python3.13 runs them there)
	@$(ALL) -m pytest -n $(PROCESSES) --dist loadgroup -m "not long" $(ARGS)

test-long: ## all tests, the long ones too
	@$(ALL) -m pytest -n $(PROCESSES) --dist loadgroup $(ARGS)

check: test inspect ## test, and everything below up to build

inspect: formatted lint types imports validate build ## check without test

format: ## writes the code's form
	@$(DEVELOPMENT) -m ruff format
	@$(DEVELOPMENT) -m ruff check --no-cache --fix --show-fixes

formatted: ## is the code's form right?
	@$(DEVELOPMENT) -m ruff format --check

lint: ## ruff (its cache keeps which imports were the product's own when a file was new: without it)
	@$(DEVELOPMENT) -m ruff check --no-cache

types: ## mypy, strict
	@$(DEVELOPMENT) -m mypy layers/core/tillbridge functions edge/tillbridge_agent local tests bench

imports: ## who may import whom
	@PYTHONPATH=layers/core:edge $(DEVELOPMENT) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

validate: ## template.yaml as CloudFormation and cfn-lint see it
	@$(SAM) validate --lint --template-file template.yaml

build: ## what would be deployed, without Docker
	@$(SAM) build --template-file template.yaml --build-dir $(BUILD)

bench: ## measurements against a floor taken in the same run
	@PYTHONPATH=layers/core $(ALL) -m bench $(ARGS)

deploy: build ## builds and deploys to AWS (STAGE=dev, staging or prod; ALARM_EMAIL=… once)
	@code_hash="$$($(PYTHON) -m local.code_hash)" && $(SAM) deploy --config-env $(STAGE) \
		--template-file $(BUILD)/template.yaml --parameter-overrides "Stage=$(STAGE)" "CodeHash=$$code_hash" \
		$(if $(ALARM_EMAIL),"AlarmEmail=$(ALARM_EMAIL)") $(ARGS)

lock: ## new locks from the groups in pyproject.toml and edge/pyproject.toml (ARGS=--upgrade takes newer versions)
	@$(DEVELOPMENT) -m local.lock $(ARGS)

clean: ## forgets what the local cloud and its agent hold, and the logs; installed environments stay
	@rm -rf .local/cloud .local/agent .local/day.json .local/shop-folder .local/shop-taken .local/logs .local/build .local/bytecode
