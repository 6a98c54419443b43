#!/usr/bin/env python3
"""Checks the dependencies.

Fails if a direct dependency has no reason in ARCHITECTURE.md or is not used, if a crate needs a newer Rust than promised, if there are too many
crates, or if a crate breaks a rule of deny.toml: its license, a second version, its source.

`just check-deny` checks deny.toml with cargo-deny itself. Building cargo-deny takes longer than all checks here.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Maximum number of crates for `botticelli` with the feature `huggingface`, without those of this workspace. A client of reqwest,
# tokio and serde_json has 94.
MOST = 125


def version(text):
    parts = [int(part) for part in text.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


metadata = json.loads(
    subprocess.run(
        ["cargo", "metadata", "--format-version=1", "--locked"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
)
ours = [package for package in metadata["packages"] if package["name"].startswith("botticelli")]
promised = version(ours[0]["rust_version"])
problems = []
for package in metadata["packages"]:
    if package["rust_version"] and version(package["rust_version"]) > promised:
        problems.append(f"{package['name']} {package['version']} needs Rust {package['rust_version']}")

reasons = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
direct = {d["name"] for package in ours for d in package["dependencies"]}
for name in sorted(direct):
    if not name.startswith("botticelli") and f"| `{name}` |" not in reasons:
        problems.append(f"{name} has no line in ARCHITECTURE.md")

tree = ["cargo", "tree", "--locked", "--package", "botticelli", "--edges", "normal", "--prefix", "none"]
tree += ["--no-default-features", "--features", "huggingface", "--format", "{p}"]
lines = subprocess.run(tree, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
crates = {line.split(" (")[0] for line in lines if line and not line.startswith("botticelli")}
if len(crates) > MOST:
    problems.append(f"`botticelli` with `huggingface` alone depends on {len(crates)} crates, and the maximum is {MOST}")



def is_allowed(expression, allowed):
    """Evaluates an SPDX expression: names of licenses, AND, OR, WITH and parentheses."""
    tokens = re.findall(r"[()]|[^\s()]+", re.sub(r"\s+WITH\s+", "-WITH-", expression.replace("/", " OR ")))

    def either():
        value = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            value = both() or value
        return value

    def both():
        value = single()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            value = single() and value
        return value

    def single():
        token = tokens.pop(0)
        if token != "(":
            return token in allowed
        value = either()
        tokens.pop(0)
        return value

    return either()


rules = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))
allowed = set(rules["licenses"]["allow"])
# The metadata also has packages of features that nothing enables.
tree = ["cargo", "tree", "--workspace", "--all-features", "--locked", "--target", "all", "--prefix", "none", "--format", "{p}"]
built = subprocess.run(tree, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
built = {tuple(line.split()[:2]) for line in built if line}
foreign = [package for package in metadata["packages"] if package["source"] and (package["name"], f"v{package['version']}") in built]
for package in foreign:
    name = f"{package['name']} {package['version']}"
    if not is_allowed(package["license"] or "none", allowed):
        problems.append(f"{name} has the license {package['license']}, which deny.toml does not allow")
    if not package["source"].startswith("registry+https://github.com/rust-lang/crates.io-index"):
        problems.append(f"{name} does not come from Cargo's own registry")
used = {word for package in foreign for word in re.findall(r"[\w.-]+", package["license"] or "")}
problems += [f"deny.toml allows the license {license}, which no crate has" for license in sorted(allowed - used)]
banned = {rule["crate"] for rule in rules["bans"]["deny"]}
problems += [f"{package['name']} is banned by deny.toml" for package in foreign if package["name"] in banned]

skipped = [rule["crate"].split("@") for rule in rules["bans"]["skip"]]
versions = {}
for package in foreign:
    is_skipped = any(
        package["name"] == name and f"{package['version']}.".startswith(f"{begin}.") for name, begin in skipped
    )
    if not is_skipped:
        versions.setdefault(package["name"], []).append(package["version"])
for name, found in sorted(versions.items()):
    if len(found) > 1:
        problems.append(f"{name} has several versions ({', '.join(sorted(found))}), and deny.toml names none of them")

for package in ours:
    folder = Path(package["manifest_path"]).parent
    files = [Path(target["src_path"]).parent for target in package["targets"]]
    # The facade compiles the examples of the Markdown files.
    guides = ROOT.glob("*.md") if package["name"] == "botticelli" else ()
    sources = [file for path in {folder, *files} for kind in ("*.rs", "*.md") for file in path.rglob(kind)]
    sources += guides
    code = "\n".join(file.read_text(encoding="utf-8") for file in sources)
    for dependency in package["dependencies"]:
        name = (dependency["rename"] or dependency["name"]).replace("-", "_")
        if not re.search(rf"\b{name}\b", code):
            problems.append(f"{package['name']} does not use its dependency {dependency['name']}")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
