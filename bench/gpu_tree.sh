#!/usr/bin/env bash
# Packs a build with CUDA for bench/gpu.sh on a machine where nothing can be built or installed: the
# programs, and the libraries of this distribution that they need. LibTorch and CUDA are that
# machine's own.
#
#   bench/gpu_tree.sh OUT.tar.xz    after cmake --build --preset cuda --target nolabel nolabel_cuda
#                                   gpu_programs
set -euo pipefail
[[ $# -eq 1 ]] || { echo "usage: bench/gpu_tree.sh OUT.tar.xz" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mkdir "$tree/bin" "$tree/lib"
cp build-cuda/nolabel build-cuda/bench_* "$tree/bin"
cp build-cuda/libnolabel_program.so build-cuda/libnolabel_cuda.so "$tree/lib"
# What every Linux machine has, and what LibTorch brings, must not be there twice.
own='/((ld-linux-x86-64|libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s|libgomp)\.so|lib(torch|c10|cudart|cupti))'
ldd build-cuda/libnolabel_program.so build-cuda/bench_* | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' |
  sort -u | grep -Ev "$own" | xargs -I{} cp -L {} "$tree/lib"
strip --strip-unneeded "$tree"/bin/* "$tree"/lib/*
mkdir -p "$tree/share/nolabel"
cp -r configs "$tree/share/nolabel"
tar -C "$tree" -cf - . | xz -T0 -6 >"$1"
ls -l "$1" >&2
