"""small_sums.py OUT.json: what a sum of a few numbers over all processes costs with Gloo.

The sums of batch norms of 64 to 8,192 channels (2 C + 1 numbers in fp64) by allreduce, by which the
engine passes the parts around a ring, and by alltoall, by which each process sends its part to
every other one and adds up. Run it with the peers' Python on a quiet machine. 200 sums in a row,
medians of five turns that alternate.
"""

import json
import multiprocessing
import pathlib
import statistics
import sys
import tempfile
import time

import machine
import torch
import torch.distributed as dist

CALLS, TURNS = 200, 5
CHANNELS = (64, 512, 2048, 8192)
PATIENCE = 300  # seconds for one row


def by_ring(part):
    dist.all_reduce(part)


def by_exchange(part):
    received = torch.empty(dist.get_world_size(), len(part), dtype=part.dtype)
    dist.all_to_all_single(received, part.repeat(dist.get_world_size(), 1))
    return received.sum(0)


def work(rank, size, channels, store, report):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=size)
    part = torch.zeros(2 * channels + 1, dtype=torch.float64)
    seconds = {by_ring: [], by_exchange: []}
    for _ in range(TURNS):
        for way, measured in seconds.items():
            dist.barrier()
            start = time.perf_counter()
            for _ in range(CALLS):
                way(part)
            measured.append((time.perf_counter() - start) / CALLS)
    if rank == 0:
        report.put({way.__name__: [1e3 * one for one in values] for way, values in seconds.items()})
    dist.barrier()
    dist.destroy_process_group()


def measured(size, channels):
    report = multiprocessing.Queue()
    with tempfile.TemporaryDirectory() as folder:
        processes = [
            multiprocessing.Process(
                target=work, args=(rank, size, channels, f"{folder}/store", report)
            )
            for rank in range(size)
        ]
        for process in processes:
            process.start()
        milliseconds = report.get(timeout=PATIENCE)
        for process in processes:
            process.join()
    medians = {way: statistics.median(values) for way, values in milliseconds.items()}
    ratio = medians["by_ring"] / medians["by_exchange"]
    return {
        "processes": size,
        "channels": channels,
        "milliseconds": milliseconds,
        "medians": medians,
        "ratio": ratio,
    }


if __name__ == "__main__":
    rows = [measured(size, channels) for size in (2, 3, 4) for channels in CHANNELS]
    result = {
        "what": __doc__.split("\n", maxsplit=1)[0],
        "machine": machine.describe(),
        "torch": torch.__version__,
        "rows": rows,
    }
    pathlib.Path(sys.argv[1]).write_text(json.dumps(result, indent=2) + "\n")
