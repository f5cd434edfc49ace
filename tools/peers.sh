#!/usr/bin/env bash
# The peers' Python environment in .peers/, from tools/peers.txt: needed only by `make bench` and to
# make golden files anew, never to build, test or run nolabel. Safe to repeat.
#
#   PEERS=FOLDER  use (or make) the environment there
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
peers=${PEERS:-.peers}
pins=tools/peers.txt
stamp=$peers/peers.stamp

if [[ $(cat "$stamp" 2>/dev/null) == "$(cat "$pins")" ]]; then exit 0; fi
# An environment that somebody else made is used as it is; bench/run.py records its versions.
if [[ -x $peers/bin/python && ! -e $peers/made-by-nolabel ]]; then exit 0; fi

tools/setup.sh build peers
if [[ ! -x $peers/bin/pip ]]; then
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "peers: Python 3.11 or newer is needed; this is $(python3 --version)" >&2
    exit 4
  }
  mkdir -p "$peers"
  touch "$peers/made-by-nolabel"
  python3 -m venv "$peers"
fi
echo "peers: installing into $peers (some 3 GB)"
"$peers/bin/python" -m pip install -q --disable-pip-version-check -r "$pins"
cp "$pins" "$stamp"
