"""The program nolabel, as measuring scripts call it."""

import json
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def nolabel(*arguments, program=ROOT / "build/nolabel"):
    """What it prints on stdout; ends the script where it fails."""
    words = [str(program), *map(str, arguments), "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def percent(shares):
    """'51.2 ± 0.7' of shares in 0..1."""
    values = [100 * share for share in shares]
    spread = statistics.stdev(values) if len(values) > 1 else 0
    return f"{statistics.mean(values):.1f} ± {spread:.1f}"


def write_report(path, command, results):
    report = {"command": command, "machine": json.loads(nolabel("doctor", "--json", "-")),
              "results": results}
    path.write_text(json.dumps(report, indent=2) + "\n")
