# Flowsight: `make demo` shows it, `make test` proves it. Both install what is missing, and can be run again.
SHELL := /bin/bash
SEED ?= 1
N ?= 50
TOPOLOGIES ?= 10000
# Without colours a build on a terminal and one in a pipe have the same command lines, and share their objects.
BUILD := swift build -c release --no-color-diagnostics --explicit-target-dependency-import-check error
BIN = $(shell swift build -c release --show-bin-path)

.DEFAULT_GOAL := help
.PHONY: help setup build demo test kills topologies bench-topology lint format clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## ?/  make \1\t/' | expand -t 20

setup: ## install what is missing (apt; root or sudo)
	@deploy/setup

build: setup ## the release build that demo and tests share
	@echo "building (the first time takes about 2 to 6 minutes on 2 cores, later seconds) …"
	@$(BUILD) --product flowsight && $(BUILD) --product flowgen

demo: build ## the lab, end to end [SEED=n] [FIXED=1] [WISH=1]
	@SEED="$(SEED)" FIXED="$(FIXED)" WISH="$(WISH)" deploy/demo "$(BIN)"

test: setup ## every test, with a real PostgreSQL [FILTER=name]
	@Tests/run $(if $(FILTER),--filter "$(FILTER)")

kills: setup ## kill -9 the daemon at N random moments [N=50] [SEED=n]
	@FLOWSIGHT_KILLS="$(N)" FLOWSIGHT_SEED="$(SEED)" Tests/run --filter KillTests

topologies: setup ## the model against the slow evaluator on random topologies [TOPOLOGIES=10000] [SEED=n]
	@FLOWSIGHT_TOPOLOGIES="$(TOPOLOGIES)" FLOWSIGHT_SEED="$(SEED)" FLOWSIGHT_SHRINK=3 Tests/run --filter SlowEvaluatorTests

bench-topology: setup ## load, look-ups and paths of topologies from 10 to 10,000 VNets
	@$(BUILD) --product TopologyBenchmark && "$(BIN)/TopologyBenchmark"

lint: ## the format check of CI
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks

format: ## bring the sources into the house's format
	@swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

clean: ## remove builds, and what the demo left
	@deploy/demo --clean
	@rm -rf .build
