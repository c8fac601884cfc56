"""Refuses dependencies whose licence is not permissive.

usage: licences.py [PACKAGE_LOCK...]

Reads `cargo metadata` and the lock files of npm. Packages that only build or test (`dev` in a lock file) are not
shipped, so weak copyleft is accepted for them.
"""

import json
import re
import subprocess
import sys

PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause",
    "BSL-1.0", "BlueOak-1.0.0", "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OFL-1.1", "OpenSSL",
    "PostgreSQL", "Python-2.0", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib", "bzip2-1.0.6",
}  # fmt: skip
NOT_SHIPPED = PERMISSIVE | {"CC-BY-3.0", "CC-BY-4.0", "MPL-2.0", "MPL-1.1", "LGPL-3.0-or-later"}


def allowed(expression: str, licences: set[str]) -> bool:
    """Evaluates an SPDX expression: OR lets us choose, AND binds tighter and asks for both."""
    tokens = re.findall(r"\(|\)|[^\s()/]+|/", expression)
    position = 0

    def peek() -> str | None:
        return tokens[position] if position < len(tokens) else None

    def take() -> str:
        nonlocal position
        position += 1
        return tokens[position - 1]

    def single() -> bool:
        if peek() == "(":
            take()
            inside = either()
            take()
            return inside
        name = take()
        if peek() == "WITH":
            take()
            name = f"{name} WITH {take()}"
        return name in licences

    def both() -> bool:
        holds = single()
        while peek() == "AND":
            take()
            holds = single() and holds
        return holds

    def either() -> bool:
        holds = both()
        while peek() in ("OR", "/"):
            take()
            holds = both() or holds
        return holds

    return bool(tokens) and either()


def cargo() -> list[tuple[str, str, bool]]:
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    packages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    return [(f"{p['name']} {p['version']}", p["license"] or "none", False) for p in packages]


def npm(path: str) -> list[tuple[str, str, bool]]:
    with open(path, encoding="utf-8") as lock:
        packages = json.load(lock)["packages"]
    return [
        (f"{name.removeprefix('node_modules/')} {p.get('version', '')}", str(p.get("license", "none")), p.get("dev", False))
        for name, p in packages.items()
        if name.startswith("node_modules/")
    ]


def main() -> None:
    sources = {"Cargo.lock": cargo()} | {path: npm(path) for path in sys.argv[1:]}
    refused = 0
    for source, packages in sources.items():
        for name, licence, not_shipped in packages:
            if not allowed(licence, NOT_SHIPPED if not_shipped else PERMISSIVE):
                print(f"{source}: {name} is under {licence}, which is not on the list of accepted licences")
                refused += 1
        print(f"licences: {len(packages)} packages of {source} looked at")
    if refused:
        sys.exit(f"licences: {refused} refused")


main()
