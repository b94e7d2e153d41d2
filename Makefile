# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

# Two commands matter: `make run` and `make test`. Each does all its own set-up.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# Each recipe's shell begins with it, if it may be bash.
export BASH_ENV := $(CURDIR)/Scripts/environment
unexport POSIXLY_CORRECT
# What a person says after `make`, and no variable that happens to be called so.
ARGS :=
MODULE :=

RELEASE := .build/release/wasm-server
# What the image holds.
STATIC := .build/image/binary/wasm-server
# Colours are part of what a compiler is called with, so a build at a terminal would not go on from one into a file.
BUILD_FLAGS := --no-color-diagnostics
# A section for each function, so that the linker leaves out what nothing uses.
RELEASE_FLAGS := $(BUILD_FLAGS) -c release --static-swift-stdlib --product wasm-server \
	-Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections -Xcc -fdata-sections
SOURCES := Package.swift Sources Tests Fuzz Scripts
RUFF := .build-tools/lint/bin/ruff

# With -j, which many have in MAKEFLAGS, what is checked would be built and installed at the same time. Compilers know how many
# processors there are.
.NOTPARALLEL:
.PHONY: help run build manual test fuzz sanitize mutations attack drill bench image check-image check-deploy check-docs check-page format lint clean

help: ## Say what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Serve the demo plugin on port 8082 (other flags: make run ARGS="--port 8090 --operations-port 9090").
	exec $(RELEASE) serve --demo --log-format text $(ARGS)

build: ## Build the release binary.
	@Scripts/check-toolchain
	@Scripts/install-tools build
	@variables=$$(Scripts/version variables) && env $$variables swift build $(RELEASE_FLAGS)

manual: build ## Write manual pages and completions for bash, zsh and fish into .build/share.
	Scripts/write-help $(RELEASE) .build/share

test: ## Lint, build and run every test, with real Envoys, the image, the manifests, the status page and the documentation.
	@Scripts/check-toolchain
	Scripts/install-tools build test
	$(MAKE) --no-print-directory lint
	swift build $(BUILD_FLAGS) --build-tests --explicit-target-dependency-import-check error
	swift test --skip-build $(ARGS)
	$(MAKE) --no-print-directory check-deploy check-page check-image check-docs

fuzz: ## Fuzz every parser of outside bytes, FUZZ_SECONDS (10) each.
	Scripts/fuzz

sanitize: ## Run every test under the thread and the address sanitizer.
	@Scripts/check-toolchain
	Scripts/install-tools build test
	Scripts/sanitize

bench: ## Measure the image's binary beside its peers and the floor, in one run (sooner: make bench ARGS="--quick").
	Scripts/build-static
	Scripts/install-tools bench
	Scripts/verify bench --server $(STATIC) $(ARGS)

mutations: build ## Compare what we say of mutated modules with wasmtime and V8 (fewer: make mutations ARGS="--count 10000").
	Scripts/install-tools validation
	Scripts/verify mutations --server $(RELEASE) $(ARGS)

attack: build ## Attack the release binary, row by row (some: make attack ARGS="--quick --row 4 --row 10").
	Scripts/install-tools attack
	Scripts/verify attack --server $(RELEASE) $(ARGS)

drill: build ## Drill upgrades and changing modules (some: make drill ARGS="--quick --row upgrade").
	Scripts/install-tools attack bench test
	Scripts/verify drill --server $(RELEASE) $(ARGS)

image: ## Build the image and its SBOM into .build/image (with a module: make image MODULE=./plugin.wasm).
	Scripts/build-image $(if $(MODULE),--module "$(MODULE)")

check-image: ## Build the image, run it as a cluster would, and check it.
	Scripts/build-static
	$(if $(filter 0,$(shell id -u)),,sudo) Scripts/verify check-image --binary $(STATIC)

check-deploy: ## Check manifests, alerts, printed configuration and shell scripts.
	Scripts/install-tools test deploy
	Scripts/verify check-deploy

check-page: ## Check the status page in a browser.
	Scripts/install-tools test page
	Scripts/verify check-page

check-docs: ## Follow README and docs/ literally.
	Scripts/install-tools test deploy
	Scripts/verify check-docs

format: ## Format the sources.
	Scripts/install-tools lint
	swift format --in-place --recursive $(SOURCES)
	$(RUFF) check --quiet --fix --select I
	$(RUFF) format --quiet

lint: ## Check format and style.
	Scripts/install-tools lint
	swift format lint --strict --recursive $(SOURCES)
	$(RUFF) format --quiet --check
	$(RUFF) check --quiet

clean: ## Remove what was built.
	rm -rf .build .build-fuzz .build-thread .build-address
