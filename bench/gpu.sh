#!/usr/bin/env bash
# Everything that needs an NVIDIA GPU, in one go: builds nolabel with CUDA, compares what CPU and GPU
# compute, times the GPU, trains on it. Ends with 1 when a comparison fails.
#
#   bench/gpu.sh             build here (the distribution's packages must be there: make setup)
#   bench/gpu.sh TREE.tar    an installed tree instead (cmake --install build-cuda --prefix TREE;
#                            tar -C TREE -cf TREE.tar .), for machines where nothing can be built
#
#   OUT=gpu-results          results: figures.tar.gz (checks, timings, figures, curves) and the
#                            weights NAME.safetensors.0, .1 …
#   DATA=FOLDER              images with train/ and test/; unset: those in examples/
#   EPOCHS=100               of the SimCLR training at the end (published: 500)
#   SCAN_EPOCHS, SELFLABEL_EPOCHS  of the other stages; unset: as published, 50 and 200
#   NOLABEL_LIBTORCH=FOLDER  LibTorch with CUDA; unset: that of python3's torch
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${OUT:-gpu-results}
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
  export LD_LIBRARY_PATH=$libtorch/lib:$work/tree/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
else
  cmake --preset cuda -DNOLABEL_TESTS=OFF -DCMAKE_PREFIX_PATH="$libtorch"
  cmake --build --preset cuda --target nolabel nolabel_cuda
  nolabel=build-cuda/nolabel
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

# Some 1,000 images, without labels, as a list file.
find "$(realpath "$data/train")" -type f | sort |
  awk 'BEGIN { print "path" } NR % 12 == 0 && ++count <= 1000' >"$work/images.csv"

short=(--precision fp32 --seed 1 --quiet)
for device in cpu cuda; do
  # Two epochs of 10 steps from the same first weights.
  "$nolabel" simclr "$work/images.csv" --out "$work/$device" --device $device "${short[@]}" \
    --set epochs=2 --set batch_size=100 --set width=16
  # The rest on the CPU's backbone, so that only this stage differs.
  run=$work/$device-clusters
  "$nolabel" mine "$work/images.csv" --out "$run" --device $device "${short[@]}" \
    --backbone "$work/cpu" --save-features "$work/$device.npy"
  for stage in scan selflabel; do
    classes=()
    [[ $stage == scan ]] && classes=(--set num_classes=10)
    "$nolabel" $stage --out "$run" --device $device "${short[@]}" "${classes[@]}" \
      --set epochs=1 --set batch_size=100
  done
done

checks=0
python3 - "$work" >"$out/checks.txt" <<'PYTHON' || checks=1
import array, json, sys

work, failed = sys.argv[1], False

def check(what, difference, limit):
    global failed
    failed |= not difference <= limit  # NaN fails, too
    print(f"{'ok  ' if difference <= limit else 'FAIL'} {what}: {difference:.2e} (limit {limit:.0e})")

def features(device):
    with open(f"{work}/{device}.npy", "rb") as file:
        file.seek(8)
        file.seek(int.from_bytes(file.read(2), "little"), 1)
        return array.array("f", file.read())

def losses(device, folder):
    with open(f"{work}/{device}{folder}/metrics.jsonl") as file:
        return [json.loads(line)["loss"] for line in file]

# cuDNN convolves in TF32 (10 bits of mantissa): 1e-3 per layer, some of it kept.
cpu, cuda = features("cpu"), features("cuda")
largest = max(map(abs, cpu))
check("features, of the largest", max(abs(a - b) for a, b in zip(cpu, cuda, strict=True)) / largest, 1e-2)
for folder in ("/pretext", "-clusters/scan", "-clusters/selflabel"):
    pairs = zip(losses("cpu", folder), losses("cuda", folder), strict=True)
    for epoch, (a, b) in enumerate(pairs, 1):
        check(f"loss of {folder[1:]}, epoch {epoch}", abs(a - b) / max(abs(a), 1e-6), 2e-2)
sys.exit(failed)
PYTHON
cat "$out/checks.txt"

# ---- timings: the published SimCLR step (ResNet-18, batch 512) ------------------------------------

: >"$out/timings.txt"
for precision in fp32 bf16 fp16; do
  "$nolabel" simclr "$data" --out "$work/$precision" --device cuda --precision $precision --quiet \
    --set epochs=3
  # The first epoch warms up; a SimCLR image is two views.
  tail -n 1 "$work/$precision/pretext/metrics.jsonl" |
    python3 -c 'import json, sys
print(sys.argv[1], round(2 * json.load(sys.stdin)["images_per_second"]), "views/s trained")' \
      $precision | tee -a "$out/timings.txt"
done

# ---- training -----------------------------------------------------------------------------------

# The published recipe, whatever the images; its epochs as the time allows.
run=$work/run
stage() { # NAME CONFIG EPOCHS
  local words=(--out "$run" --device cuda --config_exp "configs/$2")
  [[ -n $3 ]] && words+=(--set "epochs=$3")
  [[ $1 == simclr ]] && words+=("$data")
  "$nolabel" "$1" "${words[@]}" --json "$out/$1.json"
}
stage simclr pretext/simclr_cifar10.yml "$epochs"
stage scan scan/scan_cifar10.yml "${SCAN_EPOCHS:-}"
stage selflabel selflabel/selflabel_cifar10.yml "${SELFLABEL_EPOCHS:-}"

# Figures in one file, weights in half precision for the zoo (tools/zoo_entry.py), in parts that
# pass where files must be small: cat NAME.safetensors.* > NAME.safetensors.
for name in pretext scan selflabel; do
  cp "$run/$name/metrics.jsonl" "$out/$name-metrics.jsonl"
  "$nolabel" convert "$run/$name/model.pth.tar" "$work/$name.safetensors" --half
  split -b 15m -d -a 1 "$work/$name.safetensors" "$out/$name.safetensors."
done
tar -C "$out" --remove-files -czf "$out/figures.tar.gz" checks.txt timings.txt doctor.json \
  simclr.json scan.json selflabel.json {pretext,scan,selflabel}-metrics.jsonl
exit $checks
