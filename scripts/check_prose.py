#!/usr/bin/env python3
"""Fails on banned words, and on summaries that open with a noun clause, in comments and Markdown.

    check_prose.py            the whole repository
    check_prose.py PATH...    these files and folders only
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = ["crates", "examples", "benches", "fuzz", "scripts", "justfile", ".ci/run", *(path.name for path in ROOT.glob("*.md"))]
SKIPPED = {"target", "tests", "node_modules", "corpus"}

OPENS = re.compile(r"(What|Where|Who|Whoever|How|Whether|That of|Why|Which)\b")
BANNED = re.compile(
    r"\b(told|anew|whoever|nobody|beside|so many|goes? on with|gone on with|going on with|of (?:one's|its|their|his|her) own\b|come by"
    r"|comes? to nothing|where (?:it|there|that|they|one|nobody|he|she)\b|is (?:none|no [a-z]+)\b|are none|cannot be (?:one|right|told)"
    r"|what is (?:no|not|rare|kept)|stands? in\b|meets? the\b|hears?\b|heard\b|wants\b|spoken|moulds?\b|catalogues?)",
    re.IGNORECASE,
)
# Sentences that need a banned word: (file, phrase in it) and the reason.
ALLOWED = {}


def blocks(path):
    """The comments, or paragraphs, of a file: (line number, is a doc summary, text). Code in them is left out."""
    lines, markdown, fenced = path.read_text(encoding="utf-8").splitlines(), path.suffix == ".md", False
    comment = re.compile(r"\s*(///|//!|//)(.*)" if path.suffix == ".rs" else r"\s*(#)(.*)")
    block, first, docs = [], 0, False
    for number, line in enumerate([*lines, ""], 1):
        match = comment.match(line)
        text = line.strip() if markdown else match and match.group(2).strip()
        if text and text.startswith("```"):
            fenced, text = not fenced, None
        elif fenced:
            fenced, text = fenced and (markdown or bool(match)), None
        if text:
            if not block:
                first, docs = number, not markdown and match.group(1) == "///"
            block.append(text)
        # A blank line of a doc comment ends no comment: only its first paragraph is a summary.
        elif block and (markdown or not match):
            yield first, docs, " ".join(block)
            block = []


def problems(path):
    name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
    for number, docs, text in blocks(path):
        if docs and (opens := OPENS.match(text)):
            yield f"{name}:{number}: a summary opens with '{opens.group(0)}': {text[:90]}"
        # Names in code and links are no prose. Rust comments are searched as they are: a name is a word there, too.
        prose = text if path.suffix == ".rs" else re.sub(r"`[^`]*`|\]\([^)]*\)", "`…`", text)
        for found in BANNED.finditer(prose):
            if not any(name == file and phrase in text for file, phrase in ALLOWED):
                yield f"{name}:{number}: '{found.group(0).strip()}': … {found.string[max(0, found.start() - 40):found.end() + 40]} …"


def files(place):
    if place.is_file():
        return [place]
    return [
        path
        for path in sorted(place.rglob("*"))
        if path.suffix in {".rs", ".md", ".py", ".sh"} and path.is_file() and not SKIPPED & set(path.relative_to(place).parts[:-1])
    ]


places = [Path(argument).resolve() for argument in sys.argv[1:]] or [ROOT / place for place in PLACES]
found = [problem for place in places for path in files(place) if path.name != Path(__file__).name for problem in problems(path)]
print(*found, sep="\n", end="\n" if found else "")
sys.exit(1 if found else 0)
