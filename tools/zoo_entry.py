#!/usr/bin/env python3
"""Makes or renews an entry of the zoo from a run (or a weights file), and its page.

  tools/zoo_entry.py NAME RUN/scan --data CIFAR --summary TEXT --trained-on TEXT \\
      --source TEXT --terms TEXT --command 'nolabel scan …' [--on starter] [--repeat RUN2/scan …]

RUN/scan is a stage's folder: its model is stored in half precision as zoo/NAME.safetensors, and
seed, settings and program version come from the sidecar beside it. A weights file is listed as it
is and stays where it is; --seed and --program then say how it was made. With --on ENTRY, the
model's backbone must equal that entry's, bit for bit (a frozen one), and only the heads are stored.
Network, checksum and figures are what `nolabel zoo describe --data` says of the stored file;
--repeat adds mean and standard deviation over the runs, this one included. At the end the
generated part of docs/model-zoo.md is written anew.

Needs Python 3.9 and nothing else; `make` first.
"""

import argparse
import hashlib
import json
import pathlib
import statistics
import struct
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- begin: nolabel zoo list --markdown -->\n", "<!-- end -->\n"


def nolabel(args, *words):
    return subprocess.run([args.nolabel, *map(str, words)], check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def describe(args, file):
    words = ["zoo", "describe", file, "--data", args.data, "--threads", args.threads, "--json", "-"]
    return json.loads(nolabel(args, *words))["files"][0]


def store(args, stage_folder, out):
    nolabel(args, "convert", stage_folder / "model.pth.tar", out, "--half", "--describe",
            args.summary)


def read_safetensors(path):
    content = path.read_bytes()
    length, = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    return header.pop("__metadata__", {}), header, content[8 + length:]


def tensor(header, data, name):
    begin, end = header[name]["data_offsets"]
    return data[begin:end]


def write_heads(whole, backbone, out):
    """Only cluster_head.* of `whole`, whose backbone must be the other file's."""
    metadata, header, data = read_safetensors(whole)
    _, backbone_header, backbone_data = read_safetensors(backbone)
    heads, content = {}, b""
    for name in sorted(header, key=lambda name: header[name]["data_offsets"]):
        if name.startswith("cluster_head."):
            bytes_ = tensor(header, data, name)
            heads[name] = dict(header[name], data_offsets=[len(content), len(content) + len(bytes_)])
            content += bytes_
        elif tensor(header, data, name) != tensor(backbone_header, backbone_data, name):
            raise SystemExit(f"{whole}: {name} is not that of {backbone}: not a frozen backbone")
    text = json.dumps({"__metadata__": metadata, **heads}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    out.write_bytes(struct.pack("<Q", len(text)) + text + content)


def listed_file(entry):
    places = [ROOT / "zoo" / entry["file"], ROOT / "examples" / entry["file"]]
    return next(place for place in places if place.exists())


def stored_file(args, entries, folder):
    """The whole file's description, and what the entry says of its heads."""
    if args.source_path.is_file():
        return describe(args, args.source_path), None
    name = f"{args.name}.safetensors"
    if not args.on:
        store(args, args.source_path, ROOT / "zoo" / name)
        return describe(args, ROOT / "zoo" / name), None
    whole, head = folder / name, ROOT / "zoo" / f"{args.name}.heads.safetensors"
    store(args, args.source_path, whole)
    write_heads(whole, listed_file(entries[args.on]), head)
    heads = {"on": args.on, "file": head.name, "bytes": head.stat().st_size,
             "sha256": hashlib.sha256(head.read_bytes()).hexdigest()}
    return describe(args, whole), heads


def repeats(args, first, first_seed, folder):
    """Mean and standard deviation (of the sample) over the seeds."""
    rows, seeds = [first], [first_seed]
    for number, stage_folder in enumerate(args.repeat):
        file = folder / f"repeat{number}.safetensors"
        store(args, stage_folder, file)
        rows.append(describe(args, file)["metrics"])
        seeds.append(str(sidecar(stage_folder)["made_from"]["seed"]))
    result = {"seeds": seeds}
    for name in ("ACC", "NMI", "ARI"):
        values = [row[name] for row in rows]
        result[name] = {"mean": statistics.mean(values), "std": statistics.stdev(values)}
    return result


def sidecar(stage_folder):
    return json.loads((stage_folder / "model.pth.tar.json").read_text())


def make_entry(args, entries, folder):
    description, heads = stored_file(args, entries, folder)
    recipe = {"commands": args.command, "seed": args.seed}
    program, kind = args.program, "pretext"
    if args.source_path.is_dir():
        side = sidecar(args.source_path)
        recipe.update(seed=str(side["made_from"]["seed"]), settings=side["made_from"]["settings"],
                      made_with=side["made_with"])
        program, kind = side["made_with"]["nolabel"], side["made_from"]["stage"]
    entry = {"name": args.name, "kind": "pretext" if kind in ("simclr", "moco") else kind,
             "summary": args.summary, "licence": "Apache-2.0", "program": program,
             "data": {"trained_on": args.trained_on, "source": args.source, "terms": args.terms},
             "recipe": recipe, **description}
    if heads:
        entry["head"] = heads
    if args.notes:
        entry["notes"] = args.notes
    if args.repeat:
        entry["repeats"] = repeats(args, description["metrics"], recipe["seed"], folder)
    return entry


def write_page(args):
    page = ROOT / "docs" / "model-zoo.md"
    before, rest = page.read_text().split(BEGIN)
    after = rest.split(END, 1)[1]
    table = nolabel(args, "zoo", "list", "--markdown")
    page.write_text(before + BEGIN + table + END + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="of the entry")
    parser.add_argument("source_path", type=pathlib.Path, metavar="RUN/STAGE|FILE")
    parser.add_argument("--data", required=True, help="images on whose test split it is measured")
    for flag in ("--summary", "--trained-on", "--source", "--terms"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--command", action="append", required=True, help="exact; several in order")
    parser.add_argument("--on", help="entry whose frozen backbone this model has")
    parser.add_argument("--repeat", nargs="*", type=pathlib.Path, default=[], help="other seeds")
    parser.add_argument("--notes", default="")
    parser.add_argument("--seed", default="")
    parser.add_argument("--program", default="")
    parser.add_argument("--threads", default="1")
    parser.add_argument("--nolabel", default=str(ROOT / "build" / "nolabel"))
    args = parser.parse_args()

    path = ROOT / "zoo" / "zoo.json"
    manifest = json.loads(path.read_text())
    entries = {entry["name"]: entry for entry in manifest["entries"]}
    with tempfile.TemporaryDirectory() as folder:
        entries[args.name] = make_entry(args, entries, pathlib.Path(folder))
    manifest["entries"] = list(entries.values())
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    write_page(args)


if __name__ == "__main__":
    main()
