#!/usr/bin/env python3
"""Prints the overhead of the layers: instructions and CPU time for a call and a chunk, a cache hit, and a ledger in a file.

usage: layers.py [--rounds N] [--processes N]

The plain driver and the driver with layers take turns against the same server.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from instructions import of_scenario
from measure import HERE, SCENARIOS, Contender, server

PROGRAM = HERE / "layers" / "target" / "release" / "bench_layers"
LAYERS = ["cache", "fallback", "budget", "rate_limit"]
# The default order, from the innermost.
ALL = "rate_limit,budget,fallback,cache"


class Layered(Contender):
    """The driver with layers around it."""

    def __init__(self, layers):
        super().__init__(layers or "none", [PROGRAM], variables={"LAYERS": layers})


def instructions(served):
    """Returns the rows of the table of instructions."""
    plain = Layered("")
    base = {name: of_scenario(plain, name, served) for name in ("short", "chunked")}
    yield ["none", f"{base['short']:,.0f}", f"{base['chunked']:,.0f}"]
    for layers in [*LAYERS, ALL]:
        contender = Layered(layers)
        cells = ["all" if layers == ALL else layers]
        for name, own in base.items():
            counted = of_scenario(contender, name, served)
            cells.append(f"+{counted - own:,.0f} ({counted / own:.2f})")
        yield cells


def cpu(served, rounds):
    """Returns the ratio of the CPU time with all layers to that without, for a call and a chunk."""
    contenders = [Layered(""), Layered(ALL)]
    for name in ("short", "chunked"):
        scenario = SCENARIOS[name]
        ratios = []
        for turn in range(rounds):
            spent = {}
            for contender in contenders if turn % 2 else reversed(contenders):
                long = contender.ask(served, scenario, scenario.requests)
                short = contender.ask(served, scenario, scenario.few)
                spent[contender.name] = long.cpu - short.cpu
            ratios.append(spent[ALL] / spent["none"])
        yield scenario.title, median(ratios)


def ledgers(processes, count):
    """Returns calls per second and the largest p99 in microseconds, for processes that share a ledger."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "ledger.sqlite")
        started = [
            subprocess.Popen([PROGRAM, "ledger", file, str(count)], stdout=subprocess.PIPE, text=True) for _ in range(processes)
        ]
        report = [json.loads(process.communicate()[0]) for process in started]
    seconds = max(each["seconds"] for each in report)
    return processes * count / seconds, max(each["p50"] for each in report), max(each["p99"] for each in report)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--processes", type=int, default=8)
    options = parser.parse_args()
    os.chdir(HERE)
    hits = [int(subprocess.check_output([PROGRAM, "hits", "20000"])) for _ in range(options.rounds)]
    print(f"a hit in a memory cache: {median(hits) / 1000:.2f} µs")
    for processes in (1, options.processes):
        rate, half, most = ledgers(processes, 2_000 if processes == 1 else 500)
        print(f"a ledger in a file, {processes} process(es): {rate:,.0f} calls per second, p50 {half} µs, p99 {most} µs")
    with server() as served:
        for title, ratio in cpu(served, options.rounds):
            print(f"all layers, {title}: {ratio:.2f} of the CPU time without")
        print("\n| instructions | a call of 600 bytes | a chunk |\n| --- | --- | --- |")
        for row in instructions(served):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
