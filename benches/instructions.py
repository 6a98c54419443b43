#!/usr/bin/env python3
"""Counts the instructions of each contender, which do not depend on the load of the machine.

usage: instructions.py [--check] [--peers] [--only SCENARIO,...]

Each contender runs twice under callgrind. The difference between the two runs is the cost of the additional requests, without
the start of the process. `--check` counts Botticelli only, and fails if a count exceeds `limits.json`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import BUILT, HERE, SCENARIOS, Contender, ours, peers, server, tell_wrong

# Number of requests of the short and the long run. Both include the setup of the first request.
RUNS = {"short": (50, 250), "long": (10, 50), "chunked": (1, 4), "coalesced": (1, 4), "tools": (1, 4)}


def count(contender, arguments):
    """Returns the instructions of one run, and its output."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "log")
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/counts", f"--log-file={report}"]
        environment = os.environ | contender.variables
        ran = subprocess.run([*command, *contender.command, *arguments], capture_output=True, text=True, env=environment)
        if ran.returncode:
            sys.exit(f"{contender.name} {' '.join(arguments)}: {ran.stderr or report.read_text()}")
        counted = re.search(r"Collected : (\d+)", report.read_text())
        return int(counted[1]), json.loads(ran.stdout or "null")


def of_scenario(contender, name, served):
    """Returns the instructions of one request or chunk, or None if calls fail."""
    few, many = RUNS[name]
    scenario = SCENARIOS[name]
    short, _ = count(contender, scenario.arguments(served, few))
    long, report = count(contender, scenario.arguments(served, many))
    contender.check(served, scenario, many, report)
    return None if report["failed"] else (long - short) / (many - few) / served.scenarios[name]["pieces"]


def of_decoder():
    """Returns the instructions of one event in the decoder alone."""
    decoder = Contender("decoder", [BUILT / "decoder"])
    (short, _), (long, _) = (count(decoder, [str(events)]) for events in (1_000, 11_000))
    return (long - short) / 10_000


def check(served):
    """Fails if a count exceeds its limit."""
    limits = json.loads((HERE / "limits.json").read_text())
    botticelli = ours()[1]
    failed = False
    for name, limit in limits.items():
        counted = of_decoder() if name == "decoder" else of_scenario(botticelli, name, served)
        if botticelli.wrong:
            sys.exit(f"Botticelli, {name}: {botticelli.wrong[SCENARIOS[name].title]}")
        verdict = "ok" if counted <= limit else "TOO MANY"
        failed |= counted > limit
        print(f"{name:12} {counted:10.0f} instructions, of {limit} allowed: {verdict}", flush=True)
    if failed:
        sys.exit("a limit in benches/limits.json is passed: find out what costs more, or say in the commit why it has to")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    selected = [name for name in options.only.split(",") if name] or list(RUNS)
    with server() as served:
        if options.check:
            return check(served)
        contenders = ours() + ([peer for peer in peers() if peer.is_built] if options.peers else [])
        print(f"| instructions | {' | '.join(contender.name for contender in contenders)} |")
        print("| --- |" + " --- |" * len(contenders))
        for name in selected:
            counts = [of_scenario(contender, name, served) for contender in contenders]
            per = " (a chunk)" if served.scenarios[name]["pieces"] > 1 else ""
            cells = [f"{counts[0]:,.0f}"]
            for contender, own in zip(contenders[1:], counts[1:], strict=True):
                cells.append(contender.marked(SCENARIOS[name], own and f"{own:,.0f} ({own / counts[0]:.2f})"))
            print(f"| {SCENARIOS[name].title}{per} | {' | '.join(cells)} |", flush=True)
        tell_wrong(contenders)


if __name__ == "__main__":
    main()
