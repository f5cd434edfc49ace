# Everything from a fresh clone: each target installs what it lacks, builds, and runs; the second
# time is quick.
#
#   make demo     the main job on the photos that come with the repository, with its report
#   make test     build, then all tests
#   make build    the program build/nolabel and the library, without tests
#   make wheel    the Python package as build/wheel/nolabel-*.whl (fetches the peers)
#   make wheel-cuda   the same with the plug-in for NVIDIA GPUs, as build-cuda/wheel/nolabel-*.whl
#   make bench    nolabel and its peers side by side (fetches the peers, some 3 GB)
#   make peers    only their Python environment, .peers/
#   make lint     format and conventions          make format   rewrite the sources in format
#   make clean    remove build folders (LibTorch and the peers stay)
#
#   JOBS=4  NOLABEL_LIBTORCH=<LibTorch folder>  DEPS_DIR=<folder instead of .deps>  CMAKE_FLAGS=-D…
#   PEERS=<Python environment>
JOBS ?= $(shell nproc)
PEERS ?= .peers
CMAKE_FLAGS ?=
export JOBS PEERS

.PHONY: demo test build wheel wheel-cuda bench peers lint format clean setup

demo: build
	@tools/demo.sh

test: build
	@cmake --build --preset release -j $(JOBS)
	@ctest --preset release -j $(JOBS)

build: setup
	@[ -e build/build.ninja -a -z "$(CMAKE_FLAGS)$$NOLABEL_LIBTORCH$$DEPS_DIR" ] || \
	  cmake --preset release $(CMAKE_FLAGS)
	@cmake --build --preset release -j $(JOBS) --target nolabel nolabel_api

setup:
	@tools/setup.sh

wheel: build peers
	@tools/wheel.sh

wheel-cuda: peers
	@NOLABEL_CUDA=1 tools/setup.sh
	@cmake --preset cuda -DNOLABEL_TESTS=OFF $(CMAKE_FLAGS)
	@cmake --build --preset cuda -j $(JOBS) --target nolabel nolabel_api nolabel_cuda
	@tools/wheel.sh build-cuda

peers:
	@tools/peers.sh

bench: build peers
	@cmake --build --preset release -j $(JOBS) --target benchmarks
	@tools/wheel.sh >/dev/null
	@rm -rf build/package
	@$(PEERS)/bin/python -m pip install -q --disable-pip-version-check --no-deps --target build/package build/wheel/*.whl
	@$(PEERS)/bin/python bench/run.py

lint:
	@tools/setup.sh lint
	@tools/lint.sh

format:
	@tools/setup.sh lint
	@tools/lint.sh format

clean:
	rm -rf build build-python build-debug build-sanitize build-cuda build-ungrouped
