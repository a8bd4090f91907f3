#!/usr/bin/env python3
"""Fails when a full expression with co_await has braces in it.

g++ 12 destroys the members of an aggregate made in such an expression twice: a double free,
without a warning. Name the operand first:

    co_await Connect({host, port});          // wrong
    const Endpoint endpoint{host, port};     // right
    co_await Connect(endpoint);

Usage: check_coroutines.py [ROOT]
"""
import pathlib
import re
import sys

TOPS = ("common", "worker", "controller", "tools", "tests")
KEYWORD = re.compile(r"\bco_(?:await|yield)\b")
# A statement in whose parentheses the expression stands, with its block behind them.
HEAD = re.compile(r"\b(?:if|while|for|switch)\s*(?:constexpr\s*)?$")


def blanked(text: str) -> str:
    """Comments, literals and preprocessor lines as spaces, so that positions stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"\w*\(.*?\)\w*"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|'
        r"^[ \t]*#[^\n]*", re.S | re.M)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def start_of_expression(text: str, position: int) -> tuple[int, int]:
    """Where the full expression around `position` starts, and how many parentheses that open
    before `position` belong to it."""
    depth = 0
    opened = 0
    i = position - 1
    while i >= 0:
        c = text[i]
        if c in ")]":
            depth += 1
        elif c in "([":
            if depth > 0:
                depth -= 1
            elif c == "(" and HEAD.search(text[:i]):
                return i + 1, opened
            else:
                opened += 1
        elif c == "}" and depth == 0:
            # An initializer among the arguments, or the end of the block before.
            following = text[i + 1:position].lstrip()[:1]
            if not following or following not in ",.)]&|+-*/<>=?:":
                return i + 1, opened
            i = matching_brace(text, i)
        elif c in ";{" and depth == 0 and opened == 0:
            return i + 1, opened
        i -= 1
    return 0, opened


def matching_brace(text: str, position: int) -> int:
    depth = 0
    for i in range(position, -1, -1):
        depth += {"}": 1, "{": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return 0


def end_of_expression(text: str, position: int, opened: int) -> int:
    depth = opened
    for i in range(position, len(text)):
        c = text[i]
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
            if depth < 0:
                return i  # Closes the statement's own parentheses.
        elif c == ";" and depth <= 0:
            return i
    return len(text)


def complaints(path, text: str):
    code = blanked(text)
    for match in KEYWORD.finditer(code):
        start, opened = start_of_expression(code, match.start())
        end = end_of_expression(code, match.end(), opened)
        if "{" in code[start:end]:
            line = code.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: braces in an expression with co_await"


def self_check() -> None:
    wrong = ("co_await F({1, 2});", "auto x = co_await F(A{});", "G(A{}, co_await F());",
             "if (co_await F({1})) {}", "co_await F(\n    {1});")
    right = ("co_await F(a);", "if (co_await F(a)) { G(); }", "while (true) { co_await F(a); }",
             "A a{1};\nco_await F(a);", "auto [e, n] = co_await F(a);\nA b{2};",
             "for (;;) {\n  co_await F(); // {\n}", "{ A a{1}; } co_await F(a);",
             "co_return co_await F(a);")
    for text in wrong:
        assert list(complaints("", text)), text
    for text in right:
        assert not list(complaints("", text)), text


def main() -> int:
    self_check()
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = []
    for top in TOPS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc") and "node_modules" not in path.parts:
                found.extend(complaints(path.relative_to(root), path.read_text()))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
