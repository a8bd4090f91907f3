#!/usr/bin/env python3
"""Fails when code reaches for the clock, randomness, sockets or threads outside the shells.

Cores are told the time, are given randomness, and exchange values: that is what makes a seed
reproduce a whole conference. The files below are the places that touch the world.

Usage: check_ambient.py [ROOT]
"""
import pathlib
import re
import sys

RULES = {
    "clock": re.compile(r"::now\(|\babsl::Now\b|\bgettimeofday\b|\bclock_gettime\b|\bstd::time\("),
    "randomness": re.compile(r"\brandom_device\b|\bs?rand\(|\bRAND_bytes\b|\bmt19937"),
    "sockets": re.compile(r"(?<![\w.>:])(?:::)?(?:socket|bind|connect|accept4?|recvfrom|sendto|"
                          r"recvmmsg|sendmmsg)\("),
    "threads": re.compile(r"\bstd::(?:j?thread|async)\b(?!::hardware)|\bpthread_create\b"),
    "sleep": re.compile(r"\bsleep_for\b|\babsl::SleepFor\b|\busleep\(|\bsleep\("),
}

# What each shell file is allowed to reach for.
ALLOWED = {
    "common/log/redact.cc": {"randomness"},  # The key of the tags: nobody may know or choose it.
    "common/metrics/private_endpoint.cc": {"sockets", "threads"},
    "common/runtime/asio_loop.cc": {"threads"},
    "common/runtime/secure_random.cc": {"randomness"},
    "common/runtime/system_clock.cc": {"clock"},
    "controller/server/graceful_stop.cc": {"threads"},  # Stops while waiting for a 2nd signal.
    # Sockets of its own, and a name look-up that cannot be interrupted.
    "worker/media/external_address_finder.cc": {"sockets", "threads"},
    "worker/media/media_thread.cc": {"threads"},
    "worker/media/media_thread.h": {"threads"},
    "worker/media/udp_socket.cc": {"sockets"},
    "worker/server/worker.cc": {"clock"},  # A deadline that gRPC wants as a time point.
}


def code_of(text: str):
    """The lines without comments and string literals, numbered."""
    for number, line in enumerate(text.splitlines(), 1):
        line = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
        yield number, line.split("//")[0]


def complaints(path: pathlib.PurePath, text: str):
    allowed = ALLOWED.get(path.as_posix(), set())
    for number, line in code_of(text):
        for rule, pattern in RULES.items():
            if rule not in allowed and pattern.search(line):
                yield f"{path}:{number}: {rule}: {line.strip()}"


def is_test(path: pathlib.PurePath) -> bool:
    return "_test" in path.stem or path.stem.startswith("test_")


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = []
    for top in ("common", "worker", "controller"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc") and not is_test(path):
                found.extend(complaints(path.relative_to(root), path.read_text()))
    for line in found:
        print(line)
    if found:
        print("Take it as a parameter, or add the file to tools/check_ambient.py with a reason.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
