#!/usr/bin/env python3
"""Runs every example without a token. Fails if one fails or prints nothing.

The example `local` needs the path of a model in BOTTICELLI_TEST_MODEL, and is skipped without it.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
metadata = json.loads(
    subprocess.run(["cargo", "metadata", "--no-deps", "--format-version=1"], cwd=ROOT, check=True, capture_output=True).stdout
)
target = Path(metadata["target_directory"])
names = sorted(
    example["name"] for package in metadata["packages"] for example in package["targets"] if example["kind"] == ["example"]
)
# With --workspace, the dependencies have the same features as in `cargo test --workspace` and are not built again.
subprocess.run(["cargo", "build", "--quiet", "--workspace", "--examples"], cwd=ROOT, check=True)

failed = False
with tempfile.TemporaryDirectory() as home:
    hidden = ("HF_", "HUGGING", "XDG_CACHE_HOME", "HOME", "BOTTICELLI")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    environment.update(HOME=home)
    model = os.environ.get("BOTTICELLI_TEST_MODEL")
    for name in names:
        if name == "local":
            if not model:
                print("skipped local: BOTTICELLI_TEST_MODEL is not set (scripts/fetch_test_model.py)")
                continue
            environment.update(BOTTICELLI_MODEL=model)
        command = [target / "debug" / "examples" / name]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
        ok = done.returncode == 0 and done.stdout.strip()
        failed |= not ok
        print(f"{'ok    ' if ok else 'FAILED'} {name}")
        if not ok:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
sys.exit(1 if failed else 0)
