#!/usr/bin/env python3
"""Fails with the name of the leak if a crate or a module uses what it must not, and with the files if they use each other in a circle.

    check_layers.py             all checks
    check_layers.py --circles   only prints the circles
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from circles import circles

ROOT = Path(__file__).resolve().parent.parent

# Whether a circle between files of one crate is an error.
CIRCLES_FAIL = True
# Circles that stay, by the names of their files below `src` (as printed, sorted), each with its reason.
JUSTIFIED = {}

# A crate uses only crates above it. The sandbox uses none of this workspace.
ALLOWED = {
    "botticelli_error": set(),
    "botticelli_core": {"botticelli_error"},
    "botticelli_interface": {"botticelli_error", "botticelli_core"},
    "botticelli_models": {"botticelli_error", "botticelli_core", "botticelli_interface"},
    "botticelli_layers": {"botticelli_error", "botticelli_core", "botticelli_interface"},
    "botticelli_batch": {"botticelli_error", "botticelli_core", "botticelli_interface", "botticelli_layers"},
    "botticelli_gguf": {"botticelli_error", "botticelli_core", "botticelli_interface"},
    "botticelli_sandbox": set(),
    "botticelli": {
        "botticelli_batch",
        "botticelli_error",
        "botticelli_core",
        "botticelli_gguf",
        "botticelli_interface",
        "botticelli_layers",
        "botticelli_models",
        "botticelli_sandbox",
    },
    "botticelli_cli": {"botticelli"},
    "botticelli_examples": {"botticelli"},
    # See the comment in its Cargo.toml.
    "botticelli_local_example": {"botticelli", "botticelli_gguf"},
    "botticelli_optional_examples": {"botticelli"},
}
# Tests may use the sandbox, and the examples of core use the facade, as users do.
ALLOWED_IN_TESTS = {"botticelli_models": {"botticelli_sandbox"}, "botticelli_core": {"botticelli"}, "botticelli_batch": {"botticelli_layers"}}
# These crates depend on no runtime and no HTTP crate.
NO_IO = {"botticelli_error", "botticelli_core", "botticelli_interface"}
IO = {"tokio", "reqwest", "hyper", "http", "toml"}

MODELS = "crates/botticelli_models/src"
# Folder, pattern that its code must not contain, and the reason.
FORBIDDEN = [
    (f"{MODELS}/transport", r"\b(huggingface|dto|conversions)\b", "transport knows no provider"),
    (f"{MODELS}/huggingface/dto", r"\b(botticelli_core|botticelli_interface|transport|conversions)\b", "dto is serde only"),
    (f"{MODELS}/huggingface/conversions", r"\b(async|transport|botticelli_interface|std::(env|fs|time::Instant))\b", "conversions are pure"),
    ("crates/botticelli_core/src", r"\b(async fn|std::(env|fs|net))\b", "core does no I/O"),
    ("crates/botticelli_interface/src", r"\bstd::(env|fs|net)\b", "interface does no I/O"),
]


def cargo(*arguments):
    done = subprocess.run(["cargo", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def crate_leaks():
    for package in json.loads(cargo("metadata", "--no-deps", "--format-version=1"))["packages"]:
        name = package["name"]
        if name not in ALLOWED:
            yield f"{name}: unknown crate; add it to ALLOWED in {Path(__file__).name}"
            continue
        for dependency in package["dependencies"]:
            used, is_test = dependency["name"], dependency["kind"] == "dev"
            allowed = ALLOWED[name] | (ALLOWED_IN_TESTS.get(name, set()) if is_test else set())
            # A crate may depend on itself for more features in tests.
            if used.startswith("botticelli") and used not in allowed and used != name:
                yield f"{name} -> {used}"
            if name in NO_IO and not is_test and used in IO:
                yield f"{name} -> {used}: no runtime and no HTTP here"


def code(path):
    """Yields the lines of a file without comments and doc tests."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        yield number, line.split("//")[0]


def module_leaks():
    for folder, pattern, why in FORBIDDEN:
        for path in sorted((ROOT / folder).rglob("*.rs")):
            for number, line in code(path):
                # A visibility such as `pub(in crate::huggingface)` does not use the folder.
                line = re.sub(r"\b(in )?crate::huggingface(::(dto|\{self|PROVIDER))?\b", "", line) if "transport" not in folder else line
                found = re.search(pattern, line)
                if found:
                    yield f"{path.relative_to(ROOT)}:{number}: {found.group(0)} ({why})"


def feature_leaks():
    tree = cargo("tree", "-e", "normal", "-p", "botticelli", "--no-default-features", "--prefix", "none")
    for crate in sorted({line.split()[0] for line in tree.splitlines() if line} & IO):
        yield f"botticelli without features -> {crate}"


def unjustified_circles():
    """Every circle as text: each file with the line that uses the next."""
    for src in sorted((ROOT / "crates").glob("*/src")):
        for circle in circles(src):
            files = tuple(sorted(str(path.relative_to(src)) for path, _, _ in circle))
            if files not in JUSTIFIED:
                steps = [f"  {path.relative_to(ROOT)}:{line} uses {used.relative_to(src)}" for path, line, used in circle]
                yield "\n".join([f"circle in {src.parent.name}: {', '.join(files)}", *steps])


found = list(unjustified_circles())
for circle in found:
    print(circle, file=sys.stderr)
if sys.argv[1:] == ["--circles"]:
    sys.exit(0)
leaks = [*crate_leaks(), *module_leaks(), *feature_leaks()]
for leak in leaks:
    print(f"leak: {leak}", file=sys.stderr)
sys.exit(1 if leaks or (found and CIRCLES_FAIL) else 0)
