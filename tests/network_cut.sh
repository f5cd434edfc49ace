#!/usr/bin/env bash
# Two processes on two machines, whose network is cut while they train: both end in time, each names
# who is missing, and the same command goes on once the network is there again.
#
#   tests/network_cut.sh PROGRAM      PROGRAM: nolabel
#
# The machines are two network namespaces of this one. Skips (77) where it may not make them.
set -euo pipefail

program=$(realpath "$1")
skipped=77 system_failure=4
limit=10   # seconds of --process-timeout
patience=20  # seconds beyond it
epochs=60

skip() {
  echo "network_cut: skipped: $1"
  exit $skipped
}
fail() {
  echo "network_cut: $1" >&2
  tail -n 5 "$work"/*.err >&2 || true
  exit 1
}

[ "$(id -u)" = 0 ] || skip "needs root"
command -v ip >/dev/null || skip "needs ip (iproute2)"

machines=("nolabel$$a" "nolabel$$b")
addresses=(10.77.0.1 10.77.0.2)
work=$(mktemp -d)
processes=()
clean_up() {
  for process in "${processes[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
  for machine in "${machines[@]}"; do ip netns del "$machine" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT

for machine in "${machines[@]}"; do
  ip netns add "$machine" 2>/dev/null || skip "this machine has no network namespaces"
done
ip link add wire netns "${machines[0]}" type veth peer name wire netns "${machines[1]}" 2>/dev/null ||
  skip "this machine has no virtual network"
for i in 0 1; do
  ip -n "${machines[$i]}" addr add "${addresses[$i]}/24" dev wire
  ip -n "${machines[$i]}" link set lo up
done

wire() { ip -n "${machines[0]}" link set wire "$1" && ip -n "${machines[1]}" link set wire "$1"; }

# Process $1 of the training. The first machine knows itself by another address than the second
# knows it, as where /etc/hosts gives 127.0.1.1 for its name.
start() {
  local rank=$1 meeting=${addresses[0]}
  if [ "$rank" = 0 ]; then meeting=127.0.0.1; fi
  ip netns exec "${machines[$rank]}" env NOLABEL_CACHE="$work/cache" \
    RANK="$rank" WORLD_SIZE=2 LOCAL_RANK=0 LOCAL_WORLD_SIZE=1 \
    MASTER_ADDR="$meeting" MASTER_PORT=29500 \
    "$program" simclr "$work/images" --out "$work/run" --width 8 --image-size 16 --batch-size 24 \
    --epochs $epochs --threads 1 --process-timeout $limit >"$work/$rank.out" 2>"$work/$rank.err" &
  processes[rank]=$!
}

epochs_done() { { wc -l <"$work/run/pretext/metrics.jsonl"; } 2>/dev/null || echo 0; }
lives() { kill -0 "$1" 2>/dev/null; }

# Until both have ended or $1 seconds have passed.
wait_for_both() {
  local end=$((SECONDS + $1))
  while lives "${processes[0]}" || lives "${processes[1]}"; do
    [ $SECONDS -lt $end ] || fail "a process still runs after $1 s"
    sleep 0.2
  done
}

# Process $1 must have ended with code $2.
expect_code() {
  local code=0
  wait "${processes[$1]}" || code=$?
  [ $code = "$2" ] || fail "process $1 has ended with code $code, not $2"
}

expect_said() {
  grep -q "$2" "$work/$1.err" || fail "process $1 does not say: $2"
}

# 72 squares with stripes, each by itself.
mkdir "$work/images"
for i in $(seq 72); do
  awk -v i="$i" 'BEGIN { print "P3 16 16 255"
    for (y = 0; y < 16; ++y) for (x = 0; x < 16; ++x)
      print int(127 + 120 * sin(x * (i % 7) / 5 + i)), int(127 + 120 * sin(y * (i % 5) / 4)), i * 3
  }' >"$work/images/$i.ppm"
done

wire up
start 0
start 1
deadline=$((SECONDS + 60))
until [ "$(epochs_done)" -ge 2 ]; do
  lives "${processes[0]}" || fail "the training has ended before the network was cut"
  [ $SECONDS -lt $deadline ] || fail "the two processes do not train"
  sleep 0.1
done
wire down
cut=$SECONDS
trained=$(epochs_done)
wait_for_both $((limit + patience))
echo "network_cut: both ended $((SECONDS - cut)) s after the cut, in epoch $((trained + 1))"
expect_code 0 $system_failure
expect_code 1 $system_failure
expect_said 0 "process 1 of 2 (.*) has shown no life"
expect_said 1 "process 1 of 2 has not reached process 0"

wire up
start 0
start 1
wait_for_both 120
expect_code 0 0
expect_code 1 0
[ "$(epochs_done)" = $epochs ] || fail "the log has $(epochs_done) epochs, not $epochs"
echo "network_cut: the same command went on and finished"
