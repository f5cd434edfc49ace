#!/usr/bin/env bash
# Everything that needs an NVIDIA GPU, in one go: builds nolabel with CUDA, compares what CPU and GPU
# compute, times the GPU, trains on it. Ends with 1 when a comparison fails.
#
#   bench/gpu.sh             build here (the distribution's packages must be there: make setup)
#   bench/gpu.sh TREE.tar.xz a tree instead (bench/gpu_tree.sh TREE.tar.xz), for machines where nothing
#                            can be built
#
#   PHASES="checks timings training"  what to do
#   OUT=gpu-results          results: figures.tar.gz (checks, timings, figures, curves) and the
#                            weights NAME.safetensors.0, .1 …
#   DATA=FOLDER              images with train/ and test/; unset: those in examples/
#   EPOCHS=100               of the SimCLR training at the end (published: 500)
#   SCAN_EPOCHS, SELFLABEL_EPOCHS  of the other stages; unset: as published, 50 and 200
#   WHEEL=FILE               also check the Python package of this wheel (make wheel-cuda)
#   NOLABEL_LIBTORCH=FOLDER  LibTorch with CUDA; unset: that of python3's torch
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${OUT:-gpu-results}
phases=" ${PHASES:-checks timings training} "
epochs=${EPOCHS:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# ---- the program and the images -----------------------------------------------------------------

libtorch=${NOLABEL_LIBTORCH:-$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))')}
if [[ $# -gt 0 ]]; then
  mkdir "$work/tree"
  tar -xf "$1" -C "$work/tree"
  nolabel=$work/tree/bin/nolabel
  programs=$work/tree/bin
  export LD_LIBRARY_PATH=$libtorch/lib:$work/tree/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
else
  cmake --preset cuda -DNOLABEL_TESTS=OFF -DCMAKE_PREFIX_PATH="$libtorch"
  cmake --build --preset cuda --target nolabel nolabel_cuda gpu_programs
  nolabel=build-cuda/nolabel
  programs=build-cuda
fi

data=${DATA:-}
if [[ -z $data ]]; then
  tar -xf examples/cifar10-mini.tar.xz -C "$work"
  data=$work/cifar10-mini
fi

"$nolabel" doctor --json "$out/doctor.json"
python3 - "$out/doctor.json" <<'PYTHON'
import json, sys
sys.exit(0 if json.load(open(sys.argv[1]))["gpu"] else "gpu.sh: no GPU can be used here")
PYTHON

# ---- the same computation on both ---------------------------------------------------------------

checks=0
if [[ $phases == *" checks "* ]]; then
  # Some 1,000 images, without labels, as a list file.
  find "$(realpath "$data/train")" -type f | sort |
    awk 'BEGIN { print "path" } NR % 12 == 0 && ++count <= 1000' >"$work/images.csv"
  mkdir "$work/checks"
  for program in bench_fused_norm bench_nccl; do
    "$programs/$program" >"$work/$program.txt" 2>&1 || checks=1
    { grep -v "^ok" "$work/$program.txt" || true; } | tee "$out/$program.txt"
  done
  python3 bench/gpu_checks.py "$nolabel" "$work/images.csv" "$work/checks" 2>&1 |
    tee "$out/checks.txt" || checks=1
  if [[ -n ${WHEEL:-} ]]; then
    python3 -m venv --system-site-packages "$work/python"
    "$work/python/bin/pip" install -q --no-index --no-deps "$WHEEL"
    # The package has its own libraries, and LibTorch is torch's.
    env -u LD_LIBRARY_PATH "$work/python/bin/python" bench/gpu_python.py "$work/images.csv" \
      "$work/checks/python" 2>&1 | tee "$out/python.txt" || checks=1
  fi
fi

# ---- timings: the published SimCLR step (ResNet-18, batch 512) ------------------------------------

if [[ $phases == *" timings "* ]]; then
  {
    for precision in fp32 bf16 fp16; do
      for images in 512 64; do
        for recorded in 1 0; do
          echo "nolabel $precision, $images images, recorded: $recorded"
          "$programs/bench_train" 1 $precision cuda $images $recorded
        done
      done
    done
    # How much of a step waits for views, made in the step (before) and beside it (as now).
    for width in 64 16; do
      for made in in-step beside; do
        echo "width $width, bf16, 512 images, views made: $made"
        "$programs/bench_views_in_steps" "$(nproc)" bf16 $width $made cuda 512
      done
    done
    for precision in fp32 bf16 fp16; do
      "$nolabel" simclr "$data" --out "$work/$precision" --device cuda --precision $precision \
        --quiet --set epochs=4
      # The first epochs warm up; a SimCLR image is two views.
      tail -n 1 "$work/$precision/pretext/metrics.jsonl" |
        python3 -c 'import json, sys
print("nolabel", sys.argv[1], "whole training",
      round(2 * json.load(sys.stdin)["images_per_second"]), "views/s")' $precision
    done
    python3 bench/peers/gpu_train.py "$data/train" 512
  } 2>&1 | tee "$out/timings.txt" || checks=1
fi

# ---- training -----------------------------------------------------------------------------------

[[ $phases == *" training "* ]] || exit $checks

# The published recipe, whatever the images; its epochs as the time allows.
run=$work/run
stage() { # NAME FOLDER CONFIG EPOCHS
  local words=(--out "$run" --device cuda --config_exp "configs/$3")
  [[ -n $4 ]] && words+=(--set "epochs=$4")
  [[ $1 == simclr ]] && words+=("$data")
  SECONDS=0
  "$nolabel" "$1" "${words[@]}" --quiet --json "$out/$1.json"
  echo "$1: $SECONDS s" | tee -a "$out/seconds.txt"
  cp "$run/$2/metrics.jsonl" "$out/$2-metrics.jsonl"
  # Weights in half precision for the zoo (tools/zoo_entry.py), in parts that pass where files must
  # be small: cat NAME.safetensors.* > NAME.safetensors.
  "$nolabel" convert "$run/$2/model.pth.tar" "$work/$2.safetensors" --half
  split -b 15m -d -a 1 "$work/$2.safetensors" "$out/$2.safetensors."
}
stage simclr pretext pretext/simclr_cifar10.yml "$epochs"
stage scan scan scan/scan_cifar10.yml "${SCAN_EPOCHS:-}"
stage selflabel selflabel selflabel/selflabel_cifar10.yml "${SELFLABEL_EPOCHS:-}"
"$nolabel" eval --out "$run" --device cuda --json "$out/eval.json"
(cd "$out" && tar --remove-files -czf figures.tar.gz ./*.txt ./*.json ./*-metrics.jsonl)
exit $checks
