#!/usr/bin/env python3
"""Checks what cannot be tried without a container engine.

 - The image's package list is exactly what the built programs link, and wget.
 - The compose files parse, and every service of ours starts with arguments, variables and mounted
   files that the program accepts (its `ports` command loads all of them).

Usage: check_deploy.py ROOT BIN
"""
import os
import pathlib
import re
import subprocess
import sys

import yaml

PROGRAMS = ("livekit-server", "sfu-controller", "sfu-worker")
# In debian:12-slim already, by way of dpkg and apt.
BASE = {"libc6", "libgcc-s1", "libstdc++6", "zlib1g"}
# What the compose files ask their environment for.
VARIABLES = {"LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "0123456789abcdef0123456789abcdef",
             "NODE_IP": "203.0.113.7"}


def output(*command, **keywords):
    return subprocess.run(command, check=True, capture_output=True, text=True, **keywords).stdout


def linked_packages(program):
    """The Debian packages of the libraries that the program names itself."""
    named = set(re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", program)))
    for name, path in re.findall(r"(\S+) => (/\S+)", output("ldd", program)):
        if name in named:
            # dpkg knows the one or the other of a merged /usr.
            real = os.path.realpath(path)
            owners = subprocess.run(["dpkg", "-S", real, real.removeprefix("/usr")],
                                    capture_output=True, text=True).stdout
            yield owners.split(":")[0]


def check_packages(dockerfile, binaries):
    wanted = {package for program in PROGRAMS
              for package in linked_packages(binaries / program)} - BASE | {"wget"}
    final_stage = dockerfile.read_text().rsplit("\nFROM ", 1)[1]
    listed = re.search(r"--no-install-recommends \\\n(.*?)&&", final_stage, re.S)[1]
    listed = set(listed.replace("\\", " ").split())
    if listed != wanted:
        yield f"{dockerfile}: missing {sorted(wanted - listed)}, not needed {sorted(listed - wanted)}"


def substituted(text):
    return re.sub(r"\$\{(\w+)(?::[?-][^}]*)?\}", lambda match: VARIABLES.get(match[1], ""), str(text))


def check_service(folder, name, service, binaries):
    program = pathlib.Path((service.get("entrypoint") or ["livekit-server"])[0]).name
    arguments = [substituted(argument) for argument in service.get("command", [])]
    for volume in service.get("volumes", []):
        source, target = volume.split(":")[:2]
        arguments = [str(folder / source) if argument == target else argument
                     for argument in arguments]
    environment = {key: substituted(value) for key, value in service.get("environment", {}).items()}
    result = subprocess.run([binaries / program, *arguments, "ports"], capture_output=True, text=True,
                            env={"PATH": os.environ["PATH"], **environment})
    if result.returncode != 0:
        yield f"{folder / name}: {program} {' '.join(arguments)}: {result.stderr.strip()}"
        return
    # Each published port is one that the program uses (controllers may be published elsewhere).
    used = {(kind, int(port)) for kind, lines in
            re.findall(r"^(TCP|UDP) Ports\n((?:\d.*\n?)*)", result.stdout, re.M)
            for first, last in re.findall(r"^(\d+)(?:-(\d+))? ", lines, re.M)
            for port in range(int(first), int(last or first) + 1)}
    for published in service.get("ports", []):
        target, _, kind = published.rsplit(":", 1)[1].partition("/")
        first, _, last = target.partition("-")
        for port in range(int(first), int(last or first) + 1):
            # Known to the configuration whether or not this build serves it.
            if ((kind or "tcp").upper(), port) not in used and port not in (7881, 7891):
                yield f"{folder / name}: publishes {published}, which {program} does not use"


def main():
    root, binaries = map(pathlib.Path, sys.argv[1:3])
    folder = root / "deploy/docker"
    found = list(check_packages(folder / "Dockerfile", binaries))
    services = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    for service in services.values():
        if service["image"] == "haven-sfu":
            found.extend(check_service(folder, "compose.yaml", service, binaries))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
