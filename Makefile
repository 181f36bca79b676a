# The two commands: `make demo` shows the main job, `make test` does everything CI does.
PYTHON ?= python3
BIN := .venv/bin
TOOLS := .tools/bin
export PATH := $(CURDIR)/$(TOOLS):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What is given on the command line is meant literally: a password may hold a `$`.
literally = $(eval override $(1) := $$(value $(1)))$(eval export $(1))
$(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(call literally,$(name))))

.PHONY: help
help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

.PHONY: demo
demo: .venv/runtime $(TOOLS)/restic ## Back up, lose and restore a volume (DATA=folder RESTIC_REPOSITORY=… for your own)
	@$(BIN)/python -m tools.demo

.PHONY: test
test: lint tools .venv/supply-chain ## Set everything up and run all checks and tests
	@$(ENGINE) --or-without $(MAKE) --no-print-directory tested
ENGINE = $(BIN)/python -m tools.engine

# One more than there are cores: many tests wait, for a lock, an outage or a container.
PYTEST = $(BIN)/pytest --dist worksteal -n $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + $(WAITING))')
WAITING = 1

.PHONY: tested
tested: images
	$(PYTEST) $(TIER)

.PHONY: unit
unit: WAITING = 0
unit: .venv/dev ## Run the tests that need nothing but Python, in seconds
	$(PYTEST) tests/unit

.PHONY: component
component: .venv/supply-chain ## Run the tests with real restic, in minutes
	@$(PYTHON) -m tools.restic 0.19 $(TOOLS)/restic
	@$(PYTHON) -m tools.restic 0.18 $(TOOLS)/restic-0.18
	$(PYTEST) tests/component

.PHONY: integration
integration: tools ## Run the tests with servers, the image and a control plane
	@$(ENGINE) --or-without $(MAKE) --no-print-directory tested TIER=integration

.PHONY: golden
golden: .venv/dev $(TOOLS)/restic ## Rewrite the messages in tests/golden, for you to review the diff
	$(PYTEST) --rewrite-golden tests/unit/golden tests/component/golden

.PHONY: image
image: .venv/dev ## Build the container image restic-mover, in the running Docker engine
	@$(ENGINE) $(BIN)/python -m tools.image $(IMAGE)
IMAGE ?= restic-mover
# What pip is configured with here holds for the build as well; the last stage knows nothing of it.
export PIP_INDEX_URL ?= $(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null)

# Every image that the tests run; none, where there is no engine.
.PHONY: images
images: .venv/dev
	@[ -n "$$NO_ENGINE" ] || $(BIN)/python -m tools.image --variants $(IMAGE)

.PHONY: test-image
test-image: tools ## Build the container image and test it with a Docker engine, one of our own where there is none
	@$(ENGINE) sh -c '$(MAKE) --no-print-directory images && $(BIN)/pytest -n auto integration/image'

.PHONY: bench
bench: tools ## Measure what the mover costs over raw restic, and compare with the last result
	$(BIN)/python -m bench

.PHONY: lint
lint: .venv/dev ## Check style, types, the direction of imports, and the workflows
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	@report=$$($(BIN)/lint-imports --no-logo --no-cache) || { echo "$$report"; exit 1; }
	@$(MAKE) --no-print-directory lint-workflows

.PHONY: lint-workflows
lint-workflows:
	@$(PYTHON) -m tools .tools actionlint
	@if command -v actionlint >/dev/null; then actionlint; \
	  else echo "actionlint is not installed: .github/workflows is not checked"; fi

.PHONY: format
format: .venv/dev ## Put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: crds
crds: .venv/dev ## Generate the CRDs from mover/controller/api
	$(BIN)/python -m mover.controller.api.schema.generate

.PHONY: tools
tools: .venv/dev ## Fetch the programs that the tests run against into .tools/bin
	@$(BIN)/python -m tools .tools

$(TOOLS)/restic:
	@echo "looking for restic"
	@$(PYTHON) -m tools.restic --usable $@

.venv/runtime: requirements/runtime.txt requirements/build.txt
	@$(PYTHON) -m tools.python
	@echo "setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/runtime requirements/dev.txt
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: lock
lock: .venv/dev ## Update the locked dependencies, with hashes
	$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra controller -o requirements/controller.txt
	$(BIN)/uv pip compile $(LOCK) --group build -o requirements/build.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra controller --group dev -o requirements/dev.txt
	$(BIN)/uv pip compile $(LOCK) -c requirements/dev.txt --group supply-chain -o requirements/supply-chain.txt
	$(BIN)/uv pip compile $(LOCK) --group swift -o requirements/swift.txt
LOCK := --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header

.PHONY: sbom
sbom: .venv/supply-chain ## List what the mover and its controller are made of, in sbom.json (CycloneDX)
	@$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible \
	  -o $(SBOM) requirements/controller.txt
	@echo "$(SBOM): the Python packages of mover and controller"
SBOM ?= sbom.json

.PHONY: audit
audit: .venv/supply-chain ## Look up known vulnerabilities of the locked dependencies
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
	  -r requirements/controller.txt -r requirements/dev.txt

.venv/supply-chain: .venv/dev requirements/supply-chain.txt
	@$(BIN)/pip install --quiet --require-hashes -r requirements/supply-chain.txt
	@touch $@

.PHONY: clean
clean: ## Remove what was set up and fetched
	rm -rf .venv .tools .demo
