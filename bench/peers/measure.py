"""How every peer's program here measures and reports; ../measure.h does the same for ours."""

import json
import re
import statistics
import time


def seconds_per_call(work, least_calls=3):
    """The median time of one call, after one that warms up, over at least a second of calls."""
    work()
    seconds = []
    started = time.perf_counter()
    while len(seconds) < least_calls or time.perf_counter() - started < 1:
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def peak_mb():
    with open("/proc/self/status", encoding="utf-8") as file:
        return int(re.search(r"^VmHWM:\s*(\d+)", file.read(), re.MULTILINE).group(1)) / 1024


def report(name, value, unit):
    print(json.dumps({"name": name, "value": value, "unit": unit, "peak_mb": round(peak_mb(), 1)}))
