"""table.py RESULTS: writes the rows of bench/results/RESULTS.json into the table of
docs/performance.md, between its marks. The sentences around the table are for a person to mend."""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = "| | unit | nolabel | peer | ratio | MB | peer's MB |\n|---|---|---|---|---|---|---|\n"
END = "<!-- /bench-table -->"


def figure(value):
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2g}" if value < 1 else f"{value:.2f}"


def line(row):
    ours, peer = row["ours"], row["peer"]
    peaks = [f"{side['peak_mb']:.0f}" if side["peak_mb"] else "-" for side in (ours, peer)]
    return (
        f"| {row['name']} | {row['unit']} | {figure(ours['median'])} | {figure(peer['median'])}"
        f" ({row['peer_name']}) | {row['ratio']:.2f} | {peaks[0]} | {peaks[1]} |\n"
    )


def main():
    rows = json.loads((ROOT / "bench/results" / f"{sys.argv[1]}.json").read_text())["rows"]
    page = ROOT / "docs/performance.md"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(HEADER)
    _, end, after = rest.partition(END)
    assert end, f"{page} has no table between its header and {END}"
    page.write_text(before + HEADER + "".join(map(line, rows)) + END + after, encoding="utf-8")


main()
