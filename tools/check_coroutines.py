#!/usr/bin/env python3
"""Fails on braces in a full expression that contains co_await.

g++ 12 destroys the members of an aggregate made inside such an expression twice, silently (a double
free). Name a local and move it instead.
"""
import pathlib
import re
import sys

SUSPECT = re.compile(r"co_await[^;]*\{|\{[^;{}]*co_await[^;]*\}\s*;")


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    bad = []
    for half in ("common", "controller", "worker", "tools", "tests"):
        for file in sorted((root / half).rglob("*.[hc]*")):
            if "node_modules" in file.parts:
                continue
            text = re.sub(r"//[^\n]*", "", file.read_text())
            for match in SUSPECT.finditer(text):
                # A block that follows a condition with co_await in it is no part of the expression.
                if re.match(r"co_await[^;{]*\)\s*\{", match[0]):
                    continue
                number = text[:match.start()].count("\n") + 1
                bad.append(f"{file.relative_to(root)}:{number}: braces beside co_await")
    print("\n".join(bad) if bad else "no braces beside co_await")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
