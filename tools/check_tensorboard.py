"""Opens event files of nolabel with TensorBoard's own reader (run in the peers' environment).

    python tools/check_tensorboard.py DIRECTORY [TAG=STEP:VALUE ...]

Prints what TensorBoard reads, and fails unless every expected value is there.
"""

import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main(directory, *expected):
    accumulator = EventAccumulator(directory)
    accumulator.Reload()
    read = {}
    for tag in accumulator.Tags()["scalars"]:
        read[tag] = {event.step: event.value for event in accumulator.Scalars(tag)}
        print(tag, read[tag])
    if not read:
        sys.exit(f"{directory}: TensorBoard finds no scalars")
    for item in expected:
        tag, point = item.split("=")
        step, value = point.split(":")
        found = read.get(tag, {}).get(int(step))
        if found is None or abs(found - float(value)) > 1e-6 * max(1.0, abs(float(value))):
            sys.exit(f"{item} expected, {found} read")


if __name__ == "__main__":
    main(*sys.argv[1:])
