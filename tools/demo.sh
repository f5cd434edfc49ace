#!/usr/bin/env bash
# The main job on the images that come with the repository: groups 13,000 small photos without
# looking at a label, then compares the groups with the labels of 3,000 validation images.
#
#   tools/demo.sh             needs build/nolabel (`make demo` builds it)
#   NOLABEL_STARTER=FILE      another starter backbone than examples/starter.safetensors
#
# Safe to repeat and to interrupt: what is finished is kept, the rest continues where it stopped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=build/nolabel
archive=examples/cifar10-mini.tar.xz
demo=build/demo
images=$demo/cifar10-mini
result=$demo/result.json

fail() {
  echo "demo: $*" >&2
  exit 4
}

# Unpacked beside its place and renamed, so that an interrupted try leaves nothing behind.
unpack_images() {
  [[ ! -d $images ]] || return 0
  local incoming=$demo/incoming
  rm -rf "$incoming"
  mkdir -p "$incoming"
  echo "demo: unpacking $archive"
  tar -xJf "$archive" -C "$incoming" || fail "cannot unpack $archive into $incoming"
  mv "$incoming/cifar10-mini" "$images"
  rmdir "$incoming"
}

group_images() {  # flag...
  "$program" cluster "$images" --clusters 10 --out "$demo/run" --json "$result" "$@"
}

# The rows that compare methods on the validation images, from the program's --json file: one line
# "<method> <ACC> <NMI> <ARI>" each, in percent. The file is indented JSON, one key a line.
validation_rows() {
  awk '
    /^  "validation": \[/ { inside = 1 }
    /^  \]/ { inside = 0 }
    !inside { next }
    /^      "(ACC|NMI|ARI|method)":/ {
      key = $1
      gsub(/[":]/, "", key)
      value[key] = $0
      sub(/^[^:]*: "?/, "", value[key])
      sub(/"?,?$/, "", value[key])
    }
    /^    }/ {
      printf "%s\t%.1f\t%.1f\t%.1f\n", value["method"], value["ACC"] * 100,
        value["NMI"] * 100, value["ARI"] * 100
    }
  ' "$result"
}

# What always naming the most frequent class would get right, in percent.
chance() {
  find "$images/test" -mindepth 2 -type f | awk -F/ '
    { images[$(NF - 1)]++ }
    END {
      for (class in images) { all += images[class]; if (images[class] > most) most = images[class] }
      printf "%.1f\n", 100 * most / all
    }'
}

[[ -x $program ]] || fail "$program is missing; make demo builds it"
mkdir -p "$demo"
unpack_images
code=0
group_images || code=$?
if [[ $code -eq 2 ]]; then
  # The run of an earlier version, or from another starter: refused, and nobody's work but ours.
  echo "demo: the earlier run was made differently; nolabel makes the run again"
  group_images --force || exit
elif [[ $code -ne 0 ]]; then
  exit "$code"
fi

rows=$(validation_rows)
[[ -n $rows ]] || fail "no figures of validation images in $result"
echo
echo "On $(find "$images/test" -type f | wc -l) validation images that were not used for training, in percent; the chosen model comes first:"
printf '  %-12s %7s %7s %7s\n' "" ACC NMI ARI
while IFS=$'\t' read -r method acc nmi ari; do
  printf '  %-12s %7s %7s %7s\n' "$method" "$acc" "$nmi" "$ari"
done <<<"$rows"
printf '  %-12s %7s\n' chance "$(chance)"
echo
echo "The report, to open in a browser: $PWD/$demo/run/report.html"
