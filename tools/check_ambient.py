#!/usr/bin/env python3
"""Fails when a core reads a clock, makes randomness, opens a socket or starts a thread.

Those live in the named shells below; everything else is told the time and given its randomness, so
that a whole conference can be run again from a seed.
"""
import pathlib
import re
import sys

AMBIENT = re.compile(
    r"::now\(|absl::Now\(|gettimeofday\(|clock_gettime\(|std::random_device|\bs?rand\(|"
    r"RAND_bytes\(|(?<![\w:.>])(?:::)?socket\(|std::(?:j)?thread\b(?!::)|sleep_for|usleep\(|"
    r"pthread_create")

# Folders and files that are shells, and why.
SHELLS = {
    "common/runtime/": "loops, clocks, randomness: what the seams stand for",
    "common/metrics/private_endpoint.cc": "the scrape endpoint: a listener and its thread",
    "worker/media/": "the media thread, its sockets and its clock",
    "worker/server/worker.cc": "assembly: gRPC wants a deadline on the system clock",
    "controller/http/": "connections",
    "controller/server/": "assembly",
    "controller/worker_link/": "gRPC streams and their back-off",
    "worker/main.cc": "the program: asks how many cores there are",
    "controller/main.cc": "the program",
}


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    bad = []
    for half in ("common", "controller", "worker"):
        for file in sorted((root / half).rglob("*.[hc]*")):
            path = str(file.relative_to(root))
            if file.stem.endswith("_test") or any(path.startswith(shell) for shell in SHELLS):
                continue
            for number, line in enumerate(file.read_text().splitlines(), 1):
                code = line.split("//")[0]
                if AMBIENT.search(code):
                    bad.append(f"{path}:{number}: ambient state in a core: {code.strip()}")
    print("\n".join(bad) if bad else "no core looks around")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
