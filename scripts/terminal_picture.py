#!/usr/bin/env python3
"""Makes crates/botticelli_cli/terminal.svg from a real run of the program against the sandbox.

    cargo build --workspace --bin botticelli && python3 scripts/terminal_picture.py
"""

import os
import re
import subprocess
import tempfile
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "debug" / "botticelli"
PICTURE = ROOT / "crates" / "botticelli_cli" / "terminal.svg"
COLUMNS = 92
# Each line as the user types it. Every call goes to the sandbox.
LINES = [
    'botticelli -u "Name three painters"',
    "botticelli models gpt-oss --tools --limit 4",
    'botticelli batch run reviews.csv -o labels.csv -p "Classify: {{ text }}" --schema "mood good|bad"',
    "cat labels.csv",
    'botticelli --sandbox=cut-after-events=9 "Name three painters"; echo "exit code $?"',
]
TABLE = "id,text\n1,Strong colors\n2,It came late\n"
STYLES = {"1": "font-weight:bold", "2": "fill:#8a93a3", "31": "fill:#ef6f6c", "35": "fill:#c792ea", "36": "fill:#7fd1c7"}


def run(line, folder):
    """Runs a line in a shell, with both outputs in their order."""
    # `--color` is an option of every command, `--sandbox` one of this command.
    sandboxed = re.sub(
        r"^botticelli( batch run| models)?(?! --sandbox)", r"botticelli\1 --color always --sandbox", line
    )
    environment = {
        "HOME": folder,
        "PATH": f"{PROGRAM.parent}:/usr/bin:/bin",
        "COLUMNS": str(COLUMNS),
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        ["sh", "-c", sandboxed], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout


def wrapped(text):
    """Cuts a line to the width of the terminal, and repeats its color in each part."""
    parts, part, width, color = [], "", 0, ""
    for token in re.findall(r"\x1b\[[0-9;]*m|.", text):
        if token.startswith("\x1b"):
            color = "" if token == "\x1b[0m" else token
        elif width == COLUMNS:
            parts.append(part)
            part, width = color, 0
        part += token
        width += not token.startswith("\x1b")
    return [*parts, part]


def spans(text):
    """Returns the SVG of a line with colors."""
    out, style = "", ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", text):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if code:
            style = ";".join(STYLES[one] for one in code[1].split(";") if one in STYLES)
        elif part:
            out += f'<tspan style="{style}">{escape(part)}</tspan>' if style else escape(part)
    return out


def main():
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "reviews.csv").write_text(TABLE)
        for line in LINES:
            lines += wrapped(f"\x1b[36m$\x1b[0m \x1b[1m{line}\x1b[0m")
            output = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", run(line, folder)).rstrip("\n")
            for whole in output.split("\n"):
                lines += wrapped(whole)
            lines.append("")
    height = 22 + 19 * len(lines)
    width = 28 + 8 * COLUMNS
    rows = "\n".join(
        f'<text x="14" y="{26 + 19 * at}" xml:space="preserve">{spans(line)}</text>' for at, line in enumerate(lines)
    )
    PICTURE.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
        f'font-family="ui-monospace,Menlo,Consolas,monospace" font-size="13.3">\n'
        f'<rect width="100%" height="100%" rx="8" fill="#1b2029"/>\n<g fill="#dfe3ea">\n{rows}\n</g>\n</svg>\n'
    )
    print(f"wrote {os.path.relpath(PICTURE, ROOT)}")


if __name__ == "__main__":
    main()
