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
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: demo
demo: .venv/runtime $(TOOLS)/restic ## Back up, lose and restore a volume (DATA=folder RESTIC_REPOSITORY=… for your own)
	@$(BIN)/python -m tools.demo

.PHONY: test
test: lint tools .venv/supply-chain ## Set everything up and run all checks and tests
	@$(ENGINE) --or-without $(MAKE) --no-print-directory tested
ENGINE = $(BIN)/python -m tools.engine

# One more than there are cores: many tests wait, for a lock, an outage or a container.
.PHONY: tested
tested: images
	$(BIN)/pytest -n $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)') --dist worksteal

.PHONY: image
image: .venv/dev ## Build the container image restic-mover, in the Docker engine that answers
	@$(ENGINE) sh -c 'docker build $$BUILD_OPTIONS $(BUILD_ARGUMENTS) --tag $(IMAGE) .'
IMAGE ?= restic-mover
# What pip is configured with here holds for the build as well; the last stage knows nothing of it.
export PIP_INDEX_URL ?= $(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null)
BUILD_ARGUMENTS = $(foreach name,PIP_INDEX_URL RCLONE RESTIC_IMAGE,$(if $($(name)),--build-arg $(name)))

# The image, and the one that carries whatever some backend needs; neither, where there is no engine.
.PHONY: images
images:
	@[ -n "$$NO_ENGINE" ] || $(MAKE) --no-print-directory --silent image BUILD_OPTIONS="$$BUILD_OPTIONS --quiet"
	@[ -n "$$NO_ENGINE" ] || $(MAKE) --no-print-directory --silent image IMAGE=$(IMAGE)-complete RCLONE=yes \
	  RESTIC_IMAGE=restic/restic:0.19.1 BUILD_OPTIONS="$$BUILD_OPTIONS --quiet"

.PHONY: test-image
test-image: tools ## Build the container image and test it with a Docker engine, one of our own where there is none
	@$(ENGINE) sh -c '$(MAKE) --no-print-directory images && $(BIN)/pytest -n auto integration/image'

.PHONY: bench
bench: tools ## Measure what the mover costs over raw restic, and compare with the last result
	$(BIN)/python -m bench

.PHONY: lint
lint: .venv/dev ## Check style and types
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

.PHONY: format
format: .venv/dev ## Put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: tools
tools: .venv/dev ## Fetch the programs that the tests run against into .tools/bin
	@$(PYTHON) -m tools.restic 0.19 $(TOOLS)/restic
	@$(PYTHON) -m tools.restic 0.18 $(TOOLS)/restic-0.18
	@$(BIN)/python -m tools.rclone $(TOOLS)/rclone
	@$(PYTHON) -m tools.minio $(TOOLS)/minio || echo "the tests run against rclone's S3 server instead"
	@$(PYTHON) -m tools.kubernetes $(TOOLS) .tools/crds
	@$(PYTHON) -m tools.backends .tools

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
lock: .venv/dev ## Lock the dependencies anew, with hashes
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
