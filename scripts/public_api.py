#!/usr/bin/env python3
"""Lists the public API of each crate in `api/<crate>.txt`, one sorted line for each item.

    public_api.py           writes the listings
    public_api.py --check   fails with the difference if a listing is not up to date

The listings are read from the sources, without a compiler: they need neither a nightly toolchain nor a build. Derived items are named
(`derive`), and items from macros of ours are not seen.
"""

import difflib
import re
import sys
from pathlib import Path

from circles import Crate

ROOT = Path(__file__).resolve().parent.parent
API = ROOT / "api"
HEAD = re.compile(
    r"^pub (?:const |async |unsafe )*(?P<kind>struct|enum|trait|union|fn|const|static|type) (?P<name>\w+)", re.MULTILINE
)
HIDDEN = re.compile(r"^pub\([^)]*\) struct \w+", re.MULTILINE)
IMPL = re.compile(r"^impl\b(?P<head>[^{;]*)\{\n(?P<body>.*?)^\}|^impl\b(?P<empty>[^{;]*)\{\}", re.MULTILINE | re.DOTALL)
METHOD = re.compile(r"^    (pub (?:(?:const |async |unsafe )*fn \w+[^{;]*|(?:const|type) \w+[^{;=]*))", re.MULTILINE)
TRAIT_ITEM = re.compile(r"^    ((?:const |async |unsafe )*(?:fn|const|type) \w+[^{;]*)", re.MULTILINE)


def flat(text):
    """A signature on one line, spaced as rustfmt would."""
    text = re.sub(r"\s+", " ", re.sub(r"#\[[^\]]*\]\s*", "", text)).strip().replace("(mut self", "(self")
    return re.sub(r",? ([)\]>])", r"\1", re.sub(r"([(\[]) ", r"\1", text)).rstrip(",")


def entries(body):
    """The entries of a braced body: the text between commas outside brackets."""
    depth, start = 0, 0
    for position, character in enumerate(body):
        depth += (character in "([{<") - (character in ")]}" or (character == ">" and body[position - 1] != "-"))
        if character == "," and depth == 0:
            yield body[start:position]
            start = position + 1
    if body[start:].strip():
        yield body[start:]


def braced(code, start):
    """The text from `start` to the end of the item, and its body, if it has one."""
    end = re.compile(r"^\}|;$|\{\}$", re.MULTILINE).search(code, start)
    text = code[start : end.end()]
    return text, text.partition("{")[2].rpartition("}")[0] if "{" in text else ""


def derives(code, start):
    """The derives of the item that begins at `start`."""
    above = code[:start].rpartition("\n\n")[2]
    return sorted({name.strip().split("::")[-1] for found in re.findall(r"derive\(([^)]*)\)", above) for name in found.split(",") if name.strip()})


def item_lines(crate, module, name, path):
    """The lines of one item, which is public under `path`."""
    code = crate.code[module]
    for match in HIDDEN.finditer(code):
        # The builder of a struct that is not public itself.
        if "Builder" in derives(code, match.start()) and name.endswith("Builder"):
            _, body = braced(code, match.start())
            yield f"pub struct {path} (derived builder)"
            for entry in entries(body):
                if not any(word in entry for word in ("setter(skip)", "setter(custom)", ", private)")):
                    field = re.sub(r"^pub ?\([^)]*\) ", "", flat(entry))
                    yield f"{path}::{field} (derived setter)"
    for match in HEAD.finditer(code):
        if match["name"] != name:
            continue
        text, body = braced(code, match.start())
        kind, traits = match["kind"], derives(code, match.start())
        head = text.partition("{")[0] if kind in ("struct", "enum", "trait", "fn") else text.partition("=")[0]
        if re.match(r"pub struct \w+(<[^(]*)?\(", text):
            head = text if "(pub " in text or "()" in text else re.sub(r"\(.*", "(_)", text, flags=re.DOTALL)
        yield flat(head.rstrip(";")).replace(name, path, 1) + (f" derive({', '.join(traits)})" if traits else "")
        if kind == "trait":
            for item in TRAIT_ITEM.finditer(body):
                yield f"{path}: {flat(item[1])}"
        if kind == "enum":
            for variant in entries(body):
                yield f"{path}::{flat(variant)}"
        if kind == "struct" and "{" in text:
            for entry in entries(body):
                # A field that a part of the crate sees has the same getter and setter as a private one.
                field = re.sub(r"^pub ?\([^)]*\) ", "", flat(entry))
                if field.startswith("pub "):
                    yield f"{path}.{field[4:]}"
                elif "Getters" in traits and "getter(skip)" not in entry:
                    yield f"{path}::{field} (derived getter)"
                if "Builder" in traits and "setter(skip)" not in entry:
                    yield f"{path}Builder::{field} (derived setter)"


def impl_lines(crate, public):
    """The lines of the implementations for public types, wherever they are in the crate."""
    for code in crate.code.values():
        for match in IMPL.finditer(code):
            head = flat(match["head"] or match["empty"])
            target = re.sub(r"^<.*?> (?=\w)", "", head.split(" for ")[-1]).split(" where ")[0]
            name = re.match(r"&?(?:mut )?([\w:]*)", target)[1].split("::")[-1]
            if name not in public:
                continue
            if " for " in head:
                trait = re.match(r"(?:<.*?> )?(?:[a-z_]\w*::)*(\w+)", head)[1]
                if trait not in public and any(trait in items for items in crate.items.values()):
                    continue
                yield f"impl{'' if head.startswith('<') else ' '}{head}"
            else:
                for method in METHOD.finditer(match["body"] or ""):
                    yield f"{public[name]}: {flat(method[1])}"


def listing(src):
    crate, lines, public, seen = Crate(src), set(), {}, set()

    def visit(module, path):
        """Adds all that a public module exports."""
        if module in seen:
            return
        seen.add(module)
        for match in HEAD.finditer(crate.code[module]):
            add(module, match["name"], f"{path}::{match['name']}")
        for name in re.findall(r"^pub mod (\w+);", crate.code[module], re.MULTILINE):
            lines.add(f"pub mod {path}::{name}")
            visit((*module, name), f"{path}::{name}")
        for _, leaf, name, visibility in crate.uses[module]:
            if visibility != "pub":
                continue
            target = crate.absolute(module, leaf)
            used, whole = crate.resolve(target) if target else (None, False)
            if used is None or (whole and used != target):
                lines.add(f"pub use {'::'.join(leaf)}" + (f" as {name}" if name != leaf[-1] else ""))
            elif whole:
                visit(used, f"{path}::{name}")
            else:
                add(used, leaf[-1], f"{path}::{name}")

    def add(module, name, path):
        public.setdefault(name, path)
        lines.update(item_lines(crate, module, name, path))

    visit((), src.parent.name)
    lines.update(impl_lines(crate, public))
    return sorted(lines)


stale = False
for src in sorted((ROOT / "crates").glob("*/src")):
    file = API / f"{src.parent.name}.txt"
    new, old = listing(src), file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    if sys.argv[1:] == ["--check"]:
        difference = list(difflib.unified_diff(old, new, f"api/{file.name}", "sources", n=0, lineterm=""))
        stale |= bool(difference)
        print(*difference, sep="\n", end="\n" if difference else "")
    else:
        API.mkdir(exist_ok=True)
        file.write_text("\n".join(new) + "\n", encoding="utf-8")
if stale:
    sys.exit("The public API differs from its listing. If that is meant, run `just api` and commit the change.")
