# A thin front of CMake. `make run` and `make test` do everything on a fresh Debian 12.

PRESET ?= release
BUILD := build/$(PRESET)
BIN := $(CURDIR)/$(BUILD)/bin
FUZZ_SECONDS ?= 12
SOAK_SECONDS ?= 60
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: all deps build run test golden golden-update fuzz soak lint bench install clean
all: build

# Installs the packages of .ci/packages that are missing, as root or through sudo.
deps:
	@.ci/deps

build: deps
	@test -e $(BUILD)/build.ninja || cmake --preset $(PRESET)
	@cmake --build --preset $(PRESET)

# Compiles docs/examples/agent.srt and shows a program under it.
run: build
	@docs/examples/demo.sh $(BIN)

test: build
	@ctest --preset $(PRESET)

golden: build
	@tests/golden.sh $(BIN)

golden-update: build
	@tests/golden.sh --update $(BIN)

# Inputs made up by libFuzzer, FUZZ_SECONDS for each of them.
fuzz: build
	@test -e build/fuzz/build.ninja || cmake --preset fuzz
	@cmake --build --preset fuzz
	@tests/fuzz/run.sh build/fuzz/bin $(BIN) $(FUZZ_SECONDS)

# The proxy's tests with sanitizers, round after round, SOAK_SECONDS long.
soak: deps
	@test -e build/debug/build.ninja || cmake --preset debug
	@cmake --build --preset debug --target proxy_test resolver_test
	@tests/soak.sh build/debug/bin $(SOAK_SECONDS)

lint: deps
	@.ci/lint

# What it costs, beside other tools; with PEER=DIR also the npm package installed there.
bench: build
	@cmake --build --preset $(PRESET) --target srt-bench
	@tests/bench/run.sh $(BIN)

install: build
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 0755 $(BIN)/srtc $(BIN)/srt-run $(BIN)/srt $(DESTDIR)$(PREFIX)/bin

clean:
	rm -rf build
