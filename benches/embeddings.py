#!/usr/bin/env python3
"""Compares the CPU time of embeddings with that of a client written by hand.

usage: embeddings.py [--rounds N] [--texts N] [--dimensions N] [--requests N]

Both take turns against the same server, which sends the same response to every request.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

PROGRAM = Path(__file__).resolve().parent / "embeddings" / "target" / "release" / "bench_embeddings"


def server(texts, dimensions):
    """Starts a server with one response, and returns it."""
    numbers = random.Random(1)
    data = [
        {"object": "embedding", "index": index, "embedding": [round(numbers.uniform(-1, 1), 8) for _ in range(dimensions)]}
        for index in range(texts)
    ]
    usage = {"prompt_tokens": texts, "total_tokens": texts}
    body = json.dumps({"object": "list", "data": data, "model": "bench", "usage": usage}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    started = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=started.serve_forever, daemon=True).start()
    return started


def cost(client, base_url, texts, requests):
    """Runs a client, and returns its CPU time, its peak memory and its output."""
    command = [PROGRAM, client, base_url, str(texts), str(requests)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{client} failed with {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, output


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--dimensions", type=int, default=1024)
    parser.add_argument("--requests", type=int, default=10)
    given = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit("build it first: cargo build --release --manifest-path benches/embeddings/Cargo.toml")
    started = server(given.texts, given.dimensions)
    base_url = f"http://127.0.0.1:{started.server_port}/v1"
    ratios, peaks, spent = [], {"hand": 0, "botticelli": 0}, {"hand": [], "botticelli": []}
    for turn in range(given.rounds):
        costs = {name: cost(name, base_url, given.texts, given.requests) for name in list(spent)[:: 1 if turn % 2 else -1]}
        if costs["hand"][2] != costs["botticelli"][2]:
            sys.exit(f"the numbers differ: {costs}")
        for name, (seconds, peak, _) in costs.items():
            spent[name].append(seconds)
            peaks[name] = max(peaks[name], peak)
        ratios.append(costs["botticelli"][0] / costs["hand"][0])
    vectors = given.texts * given.requests
    print("| client | CPU per vector | peak memory |\n| --- | --- | --- |")
    for name, title in (("hand", "by hand"), ("botticelli", "Botticelli")):
        print(f"| {title} | {median(spent[name]) / vectors * 1e6:.1f} µs | {peaks[name] / 1e6:.0f} MB |")
    print(f"\nratio: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
