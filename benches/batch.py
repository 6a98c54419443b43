#!/usr/bin/env python3
"""Compares the cost of a batch run with that of a loop written by hand, and with saturate if it is installed.

usage: batch.py [--rounds N] [--rows N] [--million] [--capacity] [--at-once N]

All of them take turns and call the same server. `pip install saturate==0.2` in `peers/target/python` adds saturate.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from measure import HERE, PEERS, server

PROGRAM = HERE / "batch" / "target" / "release" / "bench_batch"
SANDBOX = HERE.parent / "target" / "release" / "botticelli_sandbox"
PYTHON = PEERS / "target" / "python" / "bin" / "python"


def contenders():
    """Returns the command of each contender."""
    known = {"loop": [PROGRAM, "loop"], "Botticelli": [PROGRAM, "batch"]}
    check = subprocess.run([PYTHON, "-c", "import saturate"], capture_output=True, check=False) if PYTHON.exists() else None
    if check and check.returncode == 0:
        known["saturate"] = [PYTHON, HERE / "batch" / "saturate_peer.py"]
    return known


def write_rows(path, count):
    """Writes a table of reviews."""
    with open(path, "w", encoding="utf-8") as lines:
        for at in range(count):
            text = f"Review {at}: the colors are strong, the frame is broken, and the parcel came late."
            lines.write(json.dumps({"id": f"r{at}", "text": text, "stars": at % 5}) + "\n")


def run(command, origin, source, output, at_once, path="/short/v1"):
    """Runs a contender, and returns its CPU time, wall time and peak memory."""
    # What the run before left for the disk is not the work of this one.
    os.sync()
    started = time.perf_counter()
    arguments = [f"{origin}{path}", source, output, str(at_once)]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output_text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} failed with {process.returncode}: {output_text!r}")
    wall = time.perf_counter() - started
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024, json.loads(output_text)


def remove(output):
    """Removes everything that a run leaves."""
    for path in output.parent.glob(output.name + "*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def compare(origin, folder, count, rounds, at_once, formats):
    """Prints a row for each contender and format."""
    source = Path(folder, f"rows{count}.jsonl")
    write_rows(source, count)
    sources = {"jsonl": source}
    if "parquet" in formats:
        sources["parquet"] = source.with_suffix(".parquet")
        subprocess.run([PROGRAM, "convert", source, sources["parquet"]], check=True)
    for kind in formats:
        spent = {name: [] for name in contenders()}
        for turn in range(rounds):
            names = list(spent)
            for name in names[turn % len(names):] + names[: turn % len(names)]:
                output = Path(folder, "saturate") if name == "saturate" else Path(folder, f"out.{kind}")
                cost = run(contenders()[name], origin, sources[kind], output, at_once)
                if cost[3] != {"rows": count, "failed": 0}:
                    sys.exit(f"{name} is wrong: {cost[3]}")
                spent[name].append(cost)
                remove(output)
        floor = median(cost[0] for cost in spent["loop"])
        for name, costs in spent.items():
            cpu, wall = median(cost[0] for cost in costs), median(cost[1] for cost in costs)
            peak = max(cost[2] for cost in costs)
            print(
                f"| {kind}, {count:,} rows | {name} | {cpu / count * 1e6:,.0f} µs ({cpu / floor:.2f}) "
                f"| {count / wall:,.0f} | {peak / 1e6:,.0f} MB |",
                flush=True,
            )


@contextmanager
def limited(slots, queue, latency):
    """Runs a server that processes `slots` calls at a time, each for `latency` ms, and rejects the calls that find a full queue."""
    command = [SANDBOX, "--token", "hf_bench", "--slots", str(slots), "--queue", str(queue), "--latency", str(latency)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield next(word for line in process.stdout for word in line.split() if word.startswith("http"))
    finally:
        process.terminate()
        process.wait(timeout=10)


def search_capacity(folder, latency=200, seconds=30):
    """Prints the throughput of the adaptive concurrency, and that of the best fixed number of calls."""
    print("| slots | queue | fixed, rows per second | adaptive | ratio |\n| --- | --- | --- | --- | --- |")
    for slots in (8, 50, 200):
        for queue in (0, slots // 2):
            count = slots * 1000 // latency * seconds
            source, output = Path(folder, "rows.jsonl"), Path(folder, "out.jsonl")
            write_rows(source, count)
            speeds = {}
            for at_once in (str(slots), "auto"):
                with limited(slots, queue, latency) as base_url:
                    _, wall, _, report = run([PROGRAM, "batch"], base_url, source, output, at_once, path="")
                if report != {"rows": count, "failed": 0}:
                    sys.exit(f"{at_once} is wrong: {report}")
                speeds[at_once] = count / wall
                remove(output)
            fixed, adaptive = speeds[str(slots)], speeds["auto"]
            print(f"| {slots} | {queue} | {fixed:,.0f} | {adaptive:,.0f} | {adaptive / fixed:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--at-once", default="16")
    parser.add_argument("--million", action="store_true", help="one run of 1,000,000 rows, Botticelli only")
    parser.add_argument("--capacity", action="store_true", help="against servers with a limited capacity, Botticelli only")
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if given.capacity:
        with tempfile.TemporaryDirectory() as folder:
            return search_capacity(folder)
    with tempfile.TemporaryDirectory() as folder, server() as served:
        print("| input | | CPU per row (of the loop) | rows per second | peak memory |\n| --- | --- | --- | --- | --- |")
        if given.million:
            source, output = Path(folder, "million.jsonl"), Path(folder, "out.jsonl")
            write_rows(source, 1_000_000)
            cpu, wall, peak, _ = run([PROGRAM, "batch"], served.origin, source, output, given.at_once)
            print(f"| jsonl, 1,000,000 rows | Botticelli | {cpu:,.0f} µs | {1e6 / wall:,.0f} | {peak / 1e6:,.0f} MB |")
            return
        compare(served.origin, folder, given.rows, given.rounds, given.at_once, ["jsonl", "parquet"])


if __name__ == "__main__":
    main()
