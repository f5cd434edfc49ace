#!/usr/bin/env python3
"""What the packed cache costs and brings: pixels of an epoch from the files, from a raw and from a
compressed cache, on one core; its size, the error of the compressed pixels, the speed of making it.

    bench/packed_cache.py FOLDER... [--repeats 3] [--out FILE.json]

Each FOLDER holds pictures; bench_cache of the build folder measures (make bench builds it).
"""
import argparse
import json
import pathlib
import statistics
import subprocess

from program import ROOT, write_report

FORMS = ["files", "raw", "compressed"]


def measure(folder, form):
    done = subprocess.run([str(ROOT / "build/bench_cache"), form, str(folder)], check=True,
                          capture_output=True, text=True)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    return {"folder": folder.name, "form": form, **{one["name"]: one["value"] for one in reports}}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()

    results = []
    for _ in range(options.repeats):  # interleaved: the machine's moods hit all alike
        for folder in options.folders:
            for form in FORMS:
                results.append(measure(folder, form))
                print(json.dumps(results[-1]), flush=True)
    for folder in options.folders:
        for form in FORMS:
            rows = [r for r in results if r["folder"] == folder.name and r["form"] == form]
            median = lambda name: statistics.median(r.get(name, 0) for r in rows)
            print(f"{folder.name:16} {form:12} {median('epoch'):8.0f} images/s"
                  f" {median('size'):9.0f} bytes/image  error {median('error'):.2f}"
                  f"  made at {median('make'):6.0f} images/s")
    if options.out:
        names = " ".join(folder.name for folder in options.folders)
        write_report(options.out, f"bench/packed_cache.py {names} --repeats {options.repeats}",
                     results)


if __name__ == "__main__":
    main()
