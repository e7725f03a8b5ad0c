"""Prints ten thousand lines a second for a while, to see how a reader of logs bears it."""

import os
import sys
import time

SECONDS = int(os.environ.get("PLANT_FLOOD_SECONDS", "60"))
TENTHS = 10
LINES = 1000


def main() -> int:
    """Prints."""
    number = 0
    for _ in range(SECONDS * TENTHS):
        begin = time.monotonic()
        for _ in range(LINES):
            number += 1
            sys.stdout.write(f"flood: line {number} of many, long enough to look like a real one\n")
        sys.stdout.flush()
        time.sleep(max(0.0, 1 / TENTHS - (time.monotonic() - begin)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
