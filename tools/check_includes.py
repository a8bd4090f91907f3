#!/usr/bin/env python3
"""Fails when a file includes what its module may not depend on.

A folder is a module. MODULES says which other modules it may include, LIBRARIES who may include the
headers of a third-party library. Arrows point down: a core never includes a shell, and the two
halves, controller/ and worker/, never include each other.

Usage: check_includes.py [ROOT]
"""
import pathlib
import re
import sys

# Layer 0: vocabulary that everybody may use.
BASE = {"common/base", "common/time", "common/units", "common/net"}
COMMON = {"common/auth", "common/cluster", "common/config", "common/log", "common/metrics",
          "common/redis", "common/runtime", "common/sdp"}
LIVEKIT = "proto/livekit"
SFU = "proto/sfu"

CODECS = {"worker/rtp", "worker/rtcp"}
PEER = CODECS | {"worker/ice", "worker/dtls", "worker/srtp", "worker/sctp", "worker/bwe",
                 "worker/pacing"}
ROOM = PEER | {"worker/transport", "worker/receive", "worker/forward", "worker/allocation",
               "worker/relay", "worker/data"}

CLIENTS = {"controller/room", "controller/negotiation", "controller/signal"}
ACTOR = CLIENTS | {"controller/worker_link", "controller/directory", "controller/placement"}
API = ACTOR | {"controller/actor"}
HTTP = API | {"controller/api", "controller/signal_relay"}
CONTROLLER = HTTP | {"controller/http", "controller/services", "controller/console"}

# What a module may include besides itself and BASE.
MODULES = {
    "common/base": set(),
    "common/time": set(),
    "common/units": set(),
    "common/net": set(),
    "common/log": set(),
    "common/metrics": set(),
    "common/config": set(),
    "common/auth": set(),
    "common/sdp": set(),
    "common/cluster": set(),
    "common/runtime": {"common/log"},
    "common/redis": {"common/log", "common/runtime", "common/cluster", "common/config",
                     "common/metrics"},

    "worker/rtp": set(),
    "worker/rtcp": {"worker/rtp"},
    "worker/ice": {"common/metrics"},
    "worker/ice_tcp": {"worker/ice"},
    "worker/dtls": {"common/metrics"},
    "worker/srtp": {"common/metrics"},
    "worker/sctp": {"common/metrics"},
    "worker/bwe": set(),
    "worker/pacing": set(),
    "worker/allocation": set(),
    "worker/receive": CODECS | {"common/metrics"},
    "worker/forward": CODECS | {"common/metrics"},
    "worker/data": {LIVEKIT, "common/metrics"},
    "worker/transport": PEER | {"common/metrics"},
    "worker/relay": CODECS | {"worker/srtp", "worker/bwe", "worker/pacing", "common/metrics"},
    "worker/turn": {"worker/ice", "common/metrics"},
    "worker/room": ROOM | {"common/metrics"},
    "worker/media": ROOM | {"worker/room", "worker/turn", "worker/ice_tcp", "common/runtime",
                            "common/log", "common/metrics"},
    "worker/server": ROOM | COMMON | {"worker/room", "worker/media", SFU},

    "controller/room": {"controller/negotiation", "common/auth", "common/sdp", LIVEKIT, SFU},
    "controller/negotiation": {"common/sdp", LIVEKIT, SFU},
    "controller/signal": {"controller/room", "controller/negotiation", "common/auth", LIVEKIT},
    "controller/placement": {"common/cluster"},
    "controller/directory": {"common/cluster", "common/redis", "common/log", "common/runtime",
                             "common/metrics"},
    "controller/worker_link": {"controller/signal", "controller/room", "common/runtime",
                               "common/log", SFU},
    "controller/signal_relay": {"controller/signal", "controller/room", "common/runtime",
                                "common/log", SFU},
    "controller/actor": ACTOR | {"common/runtime", "common/log", "common/cluster", "common/auth",
                                 LIVEKIT, SFU},
    "controller/api": API | {"common/auth", "common/log", "common/cluster", LIVEKIT},
    "controller/services": API | {"common/auth", "common/log", "common/cluster", LIVEKIT},
    "controller/console": API | {"common/auth", "common/log", "common/cluster", LIVEKIT},
    "controller/http": HTTP | {"common/runtime", "common/auth", "common/log", "common/metrics",
                               LIVEKIT},
    "controller/server": CONTROLLER | COMMON | {LIVEKIT, SFU},
    # The programs' main files.
    "controller": {"controller/server", "controller/worker_link", "common/runtime",
                   "common/config", "common/log"},
    "worker": {"worker/server", "common/runtime", "common/config", "common/log",
               "common/metrics"},
}

# Who may include a library's headers, besides tools/ and tests/.
LIBRARIES = {
    "boost/asio": {"common/runtime", "common/redis", "worker/media", "controller/http"},
    "boost/beast": {"controller/http"},
    "boost/json": {"common/auth", "common/redis", "controller/api", "controller/negotiation",
                   "controller/room", "controller/signal"},
    "google": {"worker/data", "worker/server", "controller/room", "controller/negotiation",
               "controller/signal", "controller/actor", "controller/api", "controller/services",
               "controller/server"},
    "grpc/support": {"common/log"},
    "grpcpp": {"worker/server", "controller/worker_link", "controller/signal_relay",
               "controller/server", "controller"},
    "hiredis": {"common/redis"},
    "openssl": {"common/auth", "common/log", "common/redis", "common/runtime",
                "controller/directory", "worker/dtls", "worker/srtp", "worker/ice"},
    "prometheus": {"common/metrics", "worker/media", "worker/room", "worker/server",
                   "controller/server"},
    "spdlog": {"common/log"},
    "srtp2": {"worker/srtp"},
    "usrsctp.h": {"worker/sctp"},
    "yaml-cpp": {"common/config"},
    "zlib.h": {"controller/signal"},
}

OURS = re.compile(r'#include "((?:common|worker|controller|proto|tests|tools)(?:/[a-z_0-9]+)*)/')
THEIRS = re.compile(r"#include <([^>]+)>")


def module_of(path: pathlib.PurePath) -> str:
    parts = path.parts[:-1]
    return "/".join(parts[:2])


def complaints(path: pathlib.PurePath, text: str):
    module = module_of(path)
    allowed = MODULES.get(module)
    if allowed is None:
        yield f"{path}: the module {module} is not in the table of tools/check_includes.py"
        return
    is_test = "_test" in path.stem or path.stem.startswith("test_")
    for number, line in enumerate(text.splitlines(), 1):
        if match := OURS.match(line):
            target = "/".join(match[1].split("/")[:2])
            if target == "tests/support" and is_test:
                continue
            if target != module and target not in BASE and target not in allowed:
                yield f"{path}:{number}: {module} may not include {target}"
        elif match := THEIRS.match(line):
            for library, users in LIBRARIES.items():
                if (match[1] == library or match[1].startswith(library + "/")) and \
                        module not in users and not is_test:
                    yield f"{path}:{number}: {module} may not include <{match[1]}>"


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = []
    for top in ("common", "worker", "controller"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc"):
                found.extend(complaints(path.relative_to(root), path.read_text()))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
