#!/usr/bin/env python3
"""Fails if a direct dependency has no reason in ARCHITECTURE.md, if a crate needs a newer Rust than promised, or if there are too many crates."""

import json
import subprocess
import sys
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

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
