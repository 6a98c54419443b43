#!/usr/bin/env python3
"""Runs every example as somebody without a token would, and fails where one fails or says nothing."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
names = sorted(path.stem for path in (ROOT / "examples").glob("*.rs"))
subprocess.run(["cargo", "build", "--quiet", "--package", "botticelli_examples", "--examples"], cwd=ROOT, check=True)

failed = False
with tempfile.TemporaryDirectory() as home:
    hidden = ("HF_", "HUGGING", "XDG_CACHE_HOME", "HOME")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    environment.update(HOME=home, CARGO_HOME=os.environ.get("CARGO_HOME", str(Path.home() / ".cargo")))
    environment.update(RUSTUP_HOME=os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")))
    for name in names:
        command = ["cargo", "run", "--quiet", "--example", name]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
        ok = done.returncode == 0 and done.stdout.strip()
        failed |= not ok
        print(f"{'ok    ' if ok else 'FAILED'} {name}")
        if not ok:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
sys.exit(1 if failed else 0)
