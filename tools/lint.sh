#!/usr/bin/env bash
# Format and conventions of the whole tree; says every violation, then exits 1 if there was one.
#
#   tools/lint.sh           check
#   tools/lint.sh format    rewrite the sources in format
set -u
shopt -s lastpipe  # `check | report` changes variables of this shell
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

clang_format=$(command -v clang-format-14 || command -v clang-format) || {
  echo "lint: clang-format 14 is missing" >&2
  exit 4
}
max_lines=350  # of a file; style: past about 300 a file is two concepts

files() {  # pathspec...: files of this tree, committed or not yet
  git ls-files --cached --others --exclude-standard --deduplicate -- "$@" |
    while read -r file; do [[ -f $file ]] && echo "$file"; done
}

mapfile -t sources < <(files '*.cc' '*.h' '*.cu' '*.c')
mapfile -t headers < <(files '*.h')
mapfile -t scripts < <(files '*.sh' .ci/run)
mapfile -t python < <(files '*.py')
mapfile -t texts < <(files '*.cc' '*.h' '*.cu' '*.c' '*.cmake' '*.cmake.in' '*.txt' '*.sh' '*.py' '*.md' \
  '*.json' '*.yml' '*.yaml' Makefile .ci/run | grep -v -e '^LICENSE' -e /testdata/ -e ^bench/results/)
mapfile -t torch_sources < <(sed -n '/^nolabel_layer(/,/)/p' CMakeLists.txt | tr '\n' ' ' |
  sed 's/)/)\n/g' | sed -n 's/.*nolabel_layer(\([a-z]*\) .* TORCH.*/\1/p' |
  while read -r layer; do files "nolabel/$layer/*.cc" "nolabel/$layer/*.h"; done)

if [[ ${#sources[@]} -eq 0 ]]; then
  echo "lint: no sources found: is this a git clone?" >&2
  exit 4
fi

if [[ ${1:-} == format ]]; then
  "$clang_format" -i "${sources[@]}"
  exit 0
fi

failed=0
report() {  # what is wrong; the places come on stdin, nothing when there are none
  local places
  places=$(cat)
  if [[ -n $places ]]; then
    echo "lint: $1"
    echo "  ${places//$'\n'/$'\n'  }"
    failed=1
  fi
}

matches() {  # extended regular expression, file...
  local pattern=$1
  shift
  [[ $# -eq 0 ]] || grep -nE -- "$pattern" "$@" /dev/null
}

"$clang_format" --dry-run "${sources[@]}" 2>&1 | grep -E 'warning|error' | cut -d: -f1 | sort -u |
  report "not in format (make format)"

# The brackets keep this file from matching itself.
matches 'TO[D]O|FIX[M]E|XX[X]' "${texts[@]}" | report "unfinished work is an issue, not a comment"

for file in "${sources[@]}" "${python[@]}" "${scripts[@]}"; do
  # tools/python_calls.py writes the calls.
  [[ $file == *_test.cc || $file == python/nolabel/calls.py ]] && continue
  lines=$(wc -l <"$file")
  [[ $lines -le $max_lines ]] || echo "$file: $lines lines"
done | report "longer than $max_lines lines: two concepts?"

mapfile -t compiled_in_groups < <(files 'nolabel/*.cc' 'nolabel/*.h' 'cli/*.cc' 'cli/*.h' 'tests/*.cc' 'tests/*.h')
python3 tools/helper_names.py "${compiled_in_groups[@]}" |
  report "helpers of one folder must not share a name (tools/helper_names.py says why)"

matches '^[[:space:]]*#[[:space:]]*include[[:space:]]*"\.\.?/' "${sources[@]}" |
  report 'include "nolabel/<layer>/<file>.h", never a relative path: it would get around the layers'

# The Python extension sees no LibTorch and none of the layers (python/CMakeLists.txt).
mapfile -t public_headers < <(sed -n '/^set(NOLABEL_PUBLIC_HEADERS/,/)/p' nolabel/facade/library.cmake |
  grep -oE 'nolabel/[a-z_/]+\.h')
mapfile -t extension < <(files 'python/src/*')
matches '#[[:space:]]*include[[:space:]]*"nolabel/' "${extension[@]}" |
  grep -vF "${public_headers[@]/#/-e}" |
  report "the Python extension includes the headers of the facade alone (nolabel/facade/library.cmake)"

matches '#[[:space:]]*include[[:space:]]*<torch/(torch|nn|optim)\.h>' "${headers[@]}" |
  report "headers include only <ATen/core/Tensor.h> of LibTorch (compile time)"

matches '#[[:space:]]*include[[:space:]]*<(fmt|spdlog)/' "${torch_sources[@]}" |
  report "no fmt or spdlog where LibTorch is seen: its wheel ships another fmt (base/format.h)"

matches '(^|[^A-Za-z0-9_.~$}>-])/(home|root|work|tmp|opt|mnt|Users)/' "${texts[@]}" |
  grep -vE '^tools/lint\.sh:' | report "an absolute path of somebody's machine"

# The brackets keep this file from matching itself.
matches 'scan-sp[e]c|desig[n]\.md' "${texts[@]}" |
  report "a page that is not in the repository: cite docs/method.md or another page of docs/"

for file in "${headers[@]}"; do
  grep -q '^#pragma once$' "$file" || echo "$file"
done | report "a header without #pragma once"

grep -oE '`[A-Za-z_/]+\.[A-Z][A-Za-z0-9]+' docs/published-program.md | tr -d '`' |
  while read -r name; do
    suite=${name%.*}
    grep -qE "TEST(_F|_P)?\(${suite##*/}, ${name##*.}\)" "${sources[@]}" || echo "$name"
  done | report "docs/published-program.md names a test that does not exist"

if [[ ${#python[@]} -gt 0 ]]; then
  python3 - "${python[@]}" <<'PYTHON' 2>&1 | report "Python that does not compile"
import ast, sys
for path in sys.argv[1:]:
    try:
        ast.parse(open(path, encoding="utf-8").read(), path)
    except SyntaxError as error:
        print(f"{path}:{error.lineno}: {error.msg}")
PYTHON
fi

if command -v shellcheck >/dev/null; then
  shellcheck "${scripts[@]}" | report "shellcheck"
else
  echo "lint: shellcheck is missing; the shell scripts were not checked"
fi

if [[ $failed -eq 0 ]]; then
  echo "lint: ${#sources[@]} C++ files, ${#scripts[@]} shell scripts and ${#python[@]} Python files are fine"
fi
exit $failed
