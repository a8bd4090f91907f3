#!/usr/bin/env python3
"""Fails when a file includes a module that its own module may not depend on.

The table below is the architecture: arrows point down, cores include no shells, and the two halves
(controller, worker) never include each other. tools/ and tests/ may include everything; beside a
module, its tests may also include tests/support.
"""
import pathlib
import re
import sys

VOCABULARY = {"common/base", "common/time", "common/net"}

ALLOWED = {
    # Vocabulary: the standard library and Abseil only.
    "common/base": set(),
    "common/time": {"common/base"},
    "common/net": {"common/base"},
    # What both halves share.
    "common/log": VOCABULARY,
    "common/metrics": VOCABULARY,
    "common/config": VOCABULARY,
    "common/auth": VOCABULARY,
    "common/sdp": VOCABULARY,
    "common/cluster": VOCABULARY,
    "common/runtime": VOCABULARY | {"common/log"},
    # Worker: protocol cores, none of which sees another.
    "worker/rtp": VOCABULARY,
    "worker/rtcp": VOCABULARY | {"worker/rtp"},
    "worker/ice": VOCABULARY,
    "worker/dtls": VOCABULARY,
    "worker/srtp": VOCABULARY,
    "worker/sctp": VOCABULARY,
    "worker/receive": VOCABULARY | {"worker/rtp", "worker/rtcp"},
    "worker/forward": VOCABULARY | {"worker/rtp"},
    # Data packets are protobuf; their rate is low.
    "worker/data": VOCABULARY | {"proto/livekit"},
    # Worker: composition.
    "worker/transport": VOCABULARY | {
        "common/metrics", "worker/rtp", "worker/rtcp", "worker/ice", "worker/dtls", "worker/srtp",
        "worker/sctp"},
    "worker/room": VOCABULARY | {
        "common/metrics", "worker/rtp", "worker/rtcp", "worker/receive", "worker/forward",
        "worker/transport", "worker/data"},
    "worker/media": VOCABULARY | {
        "common/runtime", "common/log", "common/metrics", "worker/rtp", "worker/ice",
        "worker/transport"},
    "worker/server": VOCABULARY | {
        "common/runtime", "common/log", "common/metrics", "common/config", "proto/sfu",
        "worker/rtp", "worker/ice", "worker/dtls", "worker/sctp", "worker/transport",
        "worker/data", "worker/room", "worker/media"},
    # Controller: cores. The room drives the negotiation of its participants.
    "controller/negotiation": VOCABULARY | {"common/sdp", "proto/livekit", "proto/sfu"},
    "controller/room": VOCABULARY | {
        "common/auth", "controller/negotiation", "proto/livekit", "proto/sfu"},
    "controller/signal": VOCABULARY | {
        "common/auth", "controller/room", "controller/negotiation", "proto/livekit"},
    "controller/placement": VOCABULARY | {"common/cluster"},
    # Controller: shells.
    "controller/directory": VOCABULARY | {"common/cluster", "common/log", "common/runtime"},
    "controller/worker_link": VOCABULARY | {"common/log", "common/runtime", "proto/sfu"},
    "controller/actor": VOCABULARY | {
        "common/auth", "common/cluster", "common/log", "common/runtime", "controller/room",
        "controller/negotiation", "controller/signal", "controller/worker_link",
        "controller/directory", "controller/placement", "proto/livekit", "proto/sfu"},
    "controller/api": VOCABULARY | {
        "common/auth", "common/cluster", "common/log", "controller/actor", "controller/room",
        "controller/directory", "controller/placement", "proto/livekit"},
    "controller/http": VOCABULARY | {
        "common/auth", "common/log", "common/metrics", "common/runtime", "controller/api",
        "controller/actor", "controller/room", "controller/signal", "proto/livekit"},
}
# Assembly sees its own half.
ALLOWED["controller/server"] = {
    module for module in ALLOWED if not module.startswith("worker/")} | {"proto/livekit", "proto/sfu"}
# A program is its folder's main.cc.
MAIN = {
    "controller/main.cc": {module for module in ALLOWED if module.startswith("common/")} |
                          {"controller/server", "controller/worker_link"},
    "worker/main.cc": {module for module in ALLOWED if module.startswith("common/")} |
                      {"worker/server"},
}
TEST_ONLY = {"tests/support"}
# A test peer reads the descriptions that the room hands out as opaque text.
TEST_ALSO = {"controller/room": {"common/sdp"}}

INCLUDE = re.compile(
    r'\s*#\s*include\s+"((?:common|worker|controller|proto|tests|tools)/[a-z_0-9]+)/')


def allowed_for(path: pathlib.Path):
    if str(path) in MAIN:
        return MAIN[str(path)]
    module = "/".join(path.parts[:2])
    allowed = ALLOWED.get(module)
    is_test = "test" in path.stem.split("_")
    if allowed is None or not is_test:
        return allowed
    return allowed | TEST_ONLY | TEST_ALSO.get(module, set())


def check(root: pathlib.Path):
    for half in ("common", "controller", "worker"):
        for file in sorted((root / half).rglob("*.[hc]*")):
            path = file.relative_to(root)
            module = "/".join(path.parts[:2])
            allowed = allowed_for(path)
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if match is None or match[1] == module:
                    continue
                if allowed is None:
                    yield f"{path}:{number}: {module} is not in the table of modules"
                elif match[1] not in allowed:
                    yield f"{path}:{number}: {module} may not include {match[1]}"


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    bad = list(check(root))
    print("\n".join(bad) if bad else f"{len(ALLOWED)} modules keep to the table")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
