#!/usr/bin/env bash
# The Python wheel from an existing build (make wheel): build/wheel/nolabel-*.whl, which needs the
# distribution's libraries (JPEG, PNG …) where it is installed.
#
#   tools/wheel.sh [BUILD]   BUILD: where nolabel and nolabel_api are built; build
#
#   PEERS=FOLDER  the Python environment (tools/peers.sh) whose Python the wheel is for
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$(realpath "${1:-build}")
python=$(realpath -s "${PEERS:-.peers}")/bin/python

[[ -e $build/libnolabel.so ]] || {
  echo "wheel: $build holds no build of nolabel. Run make build first." >&2
  exit 4
}
rm -rf "$build/wheel"
"$python" -m pip wheel -q . --no-deps --no-build-isolation --disable-pip-version-check \
  -w "$build/wheel" -Cbuild-dir="$build/python" -Ccmake.define.NOLABEL_BUILT="$build"
ls "$build/wheel"/*.whl
