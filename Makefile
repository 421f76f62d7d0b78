# Each target sets up what it needs: a machine with rustup and Node needs nothing else.
# `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Pinned tools; the crate wasm-bindgen and its command line must be of one version.
WASM_BINDGEN := 0.2.130
CARGO_LEPTOS := 0.3.10

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/keyfold
TOOLS := $(CACHE)/tools
export PATH := $(CURDIR)/end2end/node_modules/.bin:$(TOOLS)/bin:$(CACHE)/proxies/bin:$(HOME)/.cargo/bin:$(PATH)
export WASM_BINDGEN CARGO_LEPTOS CACHE TOOLS

# musl makes one static file; without its compiler the program is linked to the system's libc. To be asked
# by the shell, when the bootstrap is done: make would ask before the first line of a recipe runs.
MUSL := $(shell uname -m)-unknown-linux-musl
TRIPLE := command -v musl-gcc >/dev/null && echo $(MUSL) || rustc -vV | sed -n 's/^host: //p'
TARGET_DIR = $(or $(CARGO_TARGET_DIR),target)

# What tests write is thrown away: it need not reach the disk where memory is set aside for such files, 4 GB
# at least.
IN_MEMORY := $(shell df --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 >= 4000000 { print "TMPDIR=/dev/shm" }')

SOURCES := $(shell find src style public -type f) Cargo.toml Cargo.lock build.rs rust-toolchain.toml Makefile
WASM := --lib --features hydrate --target wasm32-unknown-unknown
# Compiled by clippy: all of the server's side, and its tests.
COMPILE_TESTS := RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/.ci/clippy cargo test --locked --features ssr --no-run

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: run
run: build ## Build for release and serve http://localhost:8080
	exec dist/keyfold

.PHONY: build
build: dist/keyfold ## Build the program: dist/keyfold, one file with everything inside

dist/keyfold: $(SOURCES)
	.ci/bootstrap build
	rm -rf target/site
	mkdir -p dist
	export RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/.ci/rustc; \
	triple=$$($(TRIPLE)); \
	LEPTOS_BIN_TARGET_TRIPLE=$$triple cargo leptos build --release --split --precompress --cargo-locked; \
	cp $(TARGET_DIR)/$$triple/release/keyfold dist/keyfold.new
	mv dist/keyfold.new dist/keyfold
	@ls -l dist/keyfold

.PHONY: dev
dev: ## Serve, and rebuild and reload on every change
	.ci/bootstrap build
	rm -rf target/site
	LEPTOS_HASH_FILES=false cargo leptos watch --split

# The release build, with the requests made up for it, and the tests that do not need it take turns at the
# processors: neither keeps all of them busy alone. What the browser tests wait for goes first. They have the
# machine for themselves: they look at the time.
.PHONY: test
test: ## Run every test there is
	.ci/bootstrap test
	set -m; $(MAKE) build contract & build=$$!; set +m; \
	trap 'kill -- -$$build 2>/dev/null' EXIT; \
	nice $(MAKE) lint; $(MAKE) unit deploy; \
	wait $$build; \
	trap - EXIT
	$(MAKE) browser weigh

.PHONY: lint
lint: ## Formatting and clippy, for both sides
	.ci/bootstrap build
	cargo fmt --check
	$(COMPILE_TESTS)
	cargo clippy --locked $(WASM) -- -D warnings

.PHONY: unit
unit: ## Unit and flow tests on SQLite, then all of them again on PostgreSQL
	.ci/bootstrap unit
	tests=$$($(COMPILE_TESTS) --message-format=json-render-diagnostics | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'); \
	export INSTA_UPDATE=no $(IN_MEMORY); "$$tests"; .ci/with-postgres "$$tests"

.PHONY: browser
browser: build ## Browser tests: Chromium with virtual authenticators
	.ci/bootstrap test
	cd end2end && $(IN_MEMORY) npx playwright test

.PHONY: deploy
deploy: ## Hold the units and manifests in deploy/ against the tools that read them
	.ci/bootstrap test
	.ci/deploy

.PHONY: contract
contract: build ## Hold the API against its own description, with requests made up from it
	.ci/bootstrap test
	cd end2end && $(IN_MEMORY) node contract/run.mjs

.PHONY: weigh
weigh: build ## List every byte that the sign-in page brings; fail above 100 kB
	.ci/bootstrap test
	cd end2end && node weigh.mjs

.PHONY: examples
examples: build ## Serve two example sites of other back ends, and Keyfold for them
	.ci/bootstrap examples
	@exec node examples/run.mjs

.PHONY: screenshots
screenshots: build ## Take pictures of every page: both widths, both schemes
	.ci/bootstrap test
	cd end2end && node screenshots.mjs

.PHONY: format
format: ## Format the code
	cargo fmt

.PHONY: clean
clean: ## Remove what was built; the tools stay
	cargo clean
	rm -rf dist target end2end/node_modules end2end/test-results examples/node-rest/node_modules
