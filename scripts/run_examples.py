#!/usr/bin/env python3
"""Runs every example without a token. Fails if one fails or prints nothing.

usage: run_examples.py FEATURES

FEATURES, separated by commas, are those of the examples that do not build by default.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
names = sorted(path.stem for path in (ROOT / "examples").glob("*.rs"))
metadata = json.loads(
    subprocess.run(["cargo", "metadata", "--no-deps", "--format-version=1"], cwd=ROOT, check=True, capture_output=True).stdout
)
target = Path(metadata["target_directory"])
examples = [example for package in metadata["packages"] if package["name"] == "botticelli_examples" for example in package["targets"]]
# With --workspace, the dependencies have the same features as in `cargo test --workspace` and are not built again.
build = ["cargo", "build", "--quiet", "--workspace"]
subprocess.run([*build, "--examples"], cwd=ROOT, check=True)
named = [option for example in examples if example.get("required-features") for option in ("--example", example["name"])]
subprocess.run([*build, *named, "--features", sys.argv[1]], cwd=ROOT, check=True)

failed = False
with tempfile.TemporaryDirectory() as home:
    hidden = ("HF_", "HUGGING", "XDG_CACHE_HOME", "HOME")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    environment.update(HOME=home)
    for name in names:
        command = [target / "debug" / "examples" / name]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
        ok = done.returncode == 0 and done.stdout.strip()
        failed |= not ok
        print(f"{'ok    ' if ok else 'FAILED'} {name}")
        if not ok:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
sys.exit(1 if failed else 0)
