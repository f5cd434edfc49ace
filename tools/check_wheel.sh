#!/usr/bin/env bash
# Builds the Python wheel, installs it into a fresh environment, and runs the package's tests there.
# torch and the other packages are those of the peers' environment; without that, or where dpkg is
# missing (tools/wheel.sh), ends with 77 (ctest: skipped).
#
#   tools/check_wheel.sh BUILD [PYTEST ARGUMENT…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$(realpath "$1")
shift
tools=$PWD/tools
peers=$(realpath -s "${PEERS:-.peers}")
if ! command -v dpkg-query >/dev/null ||
  ! "$peers/bin/python" -c 'import auditwheel, nanobind, scikit_build_core, pytest, torch' 2>/dev/null; then
  echo "check_wheel: skipped without the peers' environment (make peers) or dpkg"
  exit 77
fi

PEERS=$peers tools/wheel.sh "$build"
tag=$("$peers/bin/python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
"$peers/bin/python" tools/python_calls.py --check "$build/python/$tag"-*/_core*.so

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$peers/bin/python" -m venv "$place/env"
"$peers/bin/python" -c 'import site; print(site.getsitepackages()[0])' \
  >"$(echo "$place"/env/lib/python*/site-packages)/peers.pth"
"$place/env/bin/pip" install -q --disable-pip-version-check --no-deps "$build"/wheel/*.whl
# Outside of the clone, whose folder nolabel/ is no package.
cp -r python/tests pyproject.toml examples docs "$place/"
cd "$place"
"$place/env/bin/python" -m mypy -p nolabel
"$place/env/bin/python" "$tools/python_reference.py" --check
"$place/env/bin/python" -m pytest -q -p no:cacheprovider tests "$@"
