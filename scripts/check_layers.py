#!/usr/bin/env python3
"""Fails with the name of the leak where a crate or a module knows what it should not."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A crate uses only crates above it; the sandbox uses none of ours.
ALLOWED = {
    "botticelli_error": set(),
    "botticelli_core": {"botticelli_error"},
    "botticelli_interface": {"botticelli_error", "botticelli_core"},
    "botticelli_models": {"botticelli_error", "botticelli_core", "botticelli_interface"},
    "botticelli_sandbox": set(),
    "botticelli": {
        "botticelli_error",
        "botticelli_core",
        "botticelli_interface",
        "botticelli_models",
        "botticelli_sandbox",
    },
    "botticelli_examples": {"botticelli"},
}
# Tests may talk to the sandbox, and the examples of core use the facade, as users do.
ALLOWED_IN_TESTS = {"botticelli_models": {"botticelli_sandbox"}, "botticelli_core": {"botticelli"}}
# Nouns and verbs pull in no runtime and no HTTP.
NO_IO = {"botticelli_error", "botticelli_core", "botticelli_interface"}
IO = {"tokio", "reqwest", "hyper", "http", "toml"}

MODELS = "crates/botticelli_models/src"
# Folder: what its code must not name, and why.
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
            yield f"{name}: a crate that {Path(__file__).name} does not know; give it its place there"
            continue
        for dependency in package["dependencies"]:
            used, is_test = dependency["name"], dependency["kind"] == "dev"
            allowed = ALLOWED[name] | (ALLOWED_IN_TESTS.get(name, set()) if is_test else set())
            # A crate may name itself and its own for more features in tests.
            if used.startswith("botticelli") and used not in allowed and used != name:
                yield f"{name} -> {used}"
            if name in NO_IO and not is_test and used in IO:
                yield f"{name} -> {used}: no runtime and no HTTP here"


def code(path):
    """The lines of a file without comments and doc tests."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        yield number, line.split("//")[0]


def module_leaks():
    for folder, pattern, why in FORBIDDEN:
        for path in sorted((ROOT / folder).rglob("*.rs")):
            for number, line in code(path):
                # Visibility is not knowledge: `pub(in crate::huggingface)` names the own folder.
                line = re.sub(r"\b(in )?crate::huggingface(::(dto|\{self|PROVIDER))?\b", "", line) if "transport" not in folder else line
                found = re.search(pattern, line)
                if found:
                    yield f"{path.relative_to(ROOT)}:{number}: {found.group(0)} ({why})"


def feature_leaks():
    tree = cargo("tree", "-e", "normal", "-p", "botticelli", "--no-default-features", "--prefix", "none")
    for crate in sorted({line.split()[0] for line in tree.splitlines() if line} & IO):
        yield f"botticelli without features -> {crate}"


leaks = [*crate_leaks(), *module_leaks(), *feature_leaks()]
for leak in leaks:
    print(f"leak: {leak}", file=sys.stderr)
sys.exit(1 if leaks else 0)
