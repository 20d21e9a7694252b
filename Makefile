# The front door. `make help` lists what it can do; everything is built through the presets of CMakePresets.json.
.DEFAULT_GOAL := help
.PHONY: help gallery test check-all bench python format clean

jobs := $(shell nproc)
program := build/release/bin/neurarium
# configure-and-build PRESET, [TARGETS]. What CMake found is in build/PRESET/CMakeCache.txt; faults still reach stderr.
build = cmake --preset $(1) >/dev/null && cmake --build --preset $(1) $(if $(2),--target $(2))

help: ## this list
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

gallery: ## every study's figures and pictures on one page: installs, fetches data, builds, runs
	@scripts/install-dependencies build data || scripts/install-dependencies build
	@scripts/prefetch-data cifar10 & $(call build,release,neurarium_program); built=$$?; wait; exit $$built
	@for name in cifar10 plotly; do $(program) data get $$name || echo "going on without $$name: the pages will say so" >&2; done
	@$(program) gallery

test: ## release build and every test
	@scripts/install-dependencies build test
	@$(call build,release)
	@ctest --preset release --parallel $(jobs)

check-all: ## test, and: sanitizers, linters, format, fuzzing, recomputed oracles, library bench, screenshots
	@scripts/install-dependencies build test data check
	@scripts/check-all

python: ## the Python package, in build/python/python
	@scripts/install-dependencies build
	@$(call build,python)
	@echo 'export PYTHONPATH="$(CURDIR)/build/python/python"    # then: /usr/bin/python3 -c "import neurarium"'

bench: ## our speed beside NumPy, side by side: a page with charts in runs/bench
	@scripts/install-dependencies build bench
	@$(call build,release,neurarium_program)
	@$(program) bench

format: ## reformat our own C++
	@git ls-files '*.hpp' '*.cpp' | xargs -d '\n' clang-format-14 -i

clean: ## remove what was built
	@rm -rf build
