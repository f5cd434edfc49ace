"""What a benchmark ran on."""

import os
import platform
import re
import subprocess
from importlib import metadata

PEERS = (
    "torch", "torchvision", "pillow", "numpy", "scipy", "scikit-learn", "faiss-cpu", "leidenalg"
)


def cpu_flags():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return set(re.search(r"^flags\s*:\s*(.*)$", file.read(), re.MULTILINE).group(1).split())


def describe():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        name = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE).group(1)
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory_kb = int(re.search(r"^MemTotal:\s*(\d+)", file.read()).group(1))
    interesting = {"avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8"}
    return {
        "cpu": name,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory_kb / 2**20, 1),
        "instruction_sets": sorted(interesting & cpu_flags()),
        "system": platform.platform(),
    }


def versions(root):
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True
    )
    return {
        "nolabel": commit.stdout.strip() or "unknown",
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in PEERS},
    }
