#!/usr/bin/env python3
"""Compares local inference with llama.cpp's server: the same model file, the same number of threads, taking turns.

usage: gguf.py MODEL LLAMA_SERVER [LLAMA_SERVER ...] [--rounds N] [--threads N,N] [--sets avx512,avx2]

MODEL is a GGUF file, and LLAMA_SERVER a program built from llama.cpp (see CONTRIBUTING.md). Rates are medians in tokens per second.
The rates in parentheses are per second of CPU time, which other processes disturb less.
"""

import argparse
import json
import os
import platform
import re
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from measure import HERE

PROGRAM = HERE / "gguf" / "target" / "release" / "bench_gguf"
WORDS = ["river", "stone", "winter", "garden", "copper", "letter", "morning", "bridge"]
CONCURRENT = 8
FEATURES = ["avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512_vnni", "amx_int8"]


def prompt(first, words):
    """Returns the same text as the program of the driver."""
    text = " ".join(WORDS[(at * (first + 3) + at // 7) % len(WORDS)] for at in range(words))
    return f"{first} is the number of this text. {text}"


def processor():
    """Returns the model and the features of the processor that kernels use."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    name = re.search(r"^model name\s*: (.*)$", text, re.M)
    flags = set((re.search(r"^flags\s*: (.*)$", text, re.M) or [0, ""])[1].split())
    found = [feature for feature in FEATURES if feature in flags]
    return f"{name[1] if name else platform.processor()}, {os.cpu_count()} cores, {' '.join(found)}"


def cpu(pid):
    """Returns the CPU time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(pid, key):
    """Returns a value of the status of a process, in bytes."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(rf"^{key}:\s+(\d+)", text, re.M)[1]) * 1024


class Driver:
    """Our driver, which runs as a process for each measurement."""

    def __init__(self, instructions):
        self.name = f"Botticelli ({instructions})"
        self.instructions = instructions

    def measure(self, model, threads):
        command = [PROGRAM, model, str(threads), str(CONCURRENT), "f16", self.instructions]
        out = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        return json.loads(out.stdout)


class LlamaServer:
    """llama.cpp's server."""

    def __init__(self, path):
        self.path = path
        version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        self.name = f"llama-server ({Path(path).parent.name}/{Path(path).name})"
        self.version = " ".join((version.stdout + version.stderr).split())

    @contextmanager
    def serve(self, model, threads):
        """Runs the server, and returns its process, its address, the seconds until it is ready, and its output."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [self.path, "-m", model, "--host", "127.0.0.1", "--port", str(port), "-t", str(threads), "-tb", str(threads)]
        command += ["-np", str(CONCURRENT), "-c", str(2048 * CONCURRENT), "--no-warmup", "--cache-ram", "0"]
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        origin = f"http://127.0.0.1:{port}"
        try:
            for _ in range(3000):
                try:
                    urllib.request.urlopen(f"{origin}/health", timeout=5).close()
                    break
                except OSError:
                    if process.poll() is not None:
                        sys.exit(f"{self.path} ended with {process.returncode}")
                    time.sleep(0.01)
            yield process.pid, origin, time.perf_counter() - started
        finally:
            process.terminate()
            process.wait(timeout=30)

    def measure(self, model, threads):
        with self.serve(model, threads) as (pid, origin, load):
            loaded = status(pid, "VmRSS")
            self.complete(origin, prompt(0, 20), 4)

            def timed(text, tokens):
                before = cpu(pid)
                timings = self.complete(origin, text, tokens)["timings"]
                return timings, cpu(pid) - before

            read, read_cpu = timed(prompt(1, 400), 1)
            written, written_cpu = timed(prompt(2, 8), 96)
            # The CPU time of the short prompt is the same per token as that of the long one.
            written_cpu -= read_cpu / read["prompt_n"] * written["prompt_n"]
            before, started = cpu(pid), time.perf_counter()
            with ThreadPoolExecutor(CONCURRENT) as pool:
                texts = [prompt(10 + at, 8) for at in range(CONCURRENT)]
                responses = list(pool.map(lambda text: self.complete(origin, text, 64), texts))
            wall = time.perf_counter() - started
            total = sum(response["tokens_predicted"] for response in responses)
            return {
                "load": load,
                "loaded_bytes": loaded,
                "peak_bytes": status(pid, "VmHWM"),
                "prompt_rate": read["prompt_per_second"],
                "prompt_cpu": read["prompt_n"] / max(read_cpu, 0.01),
                "decode_rate": written["predicted_per_second"],
                "decode_cpu": (written["predicted_n"] - 1) / max(written_cpu, 0.01),
                "concurrent_rate": total / wall,
                "concurrent_cpu": total / max(cpu(pid) - before, 0.01),
            }

    @staticmethod
    def complete(origin, text, tokens):
        body = {"prompt": text, "n_predict": tokens, "temperature": 0, "cache_prompt": False}
        request = urllib.request.Request(f"{origin}/completion", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=600) as response:
            return json.load(response)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("servers", nargs="*", metavar="LLAMA_SERVER")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--sets", default="avx512", help="sets of instructions for our driver: avx512, avx2, portable")
    options = parser.parse_args()
    drivers = [Driver(instructions) for instructions in options.sets.split(",")]
    contenders = [*drivers, *(LlamaServer(path) for path in options.servers)]
    size = os.path.getsize(options.model)
    print(f"{time.strftime('%Y-%m-%d')}, {processor()}\n{Path(options.model).name}, {size / 1e6:.0f} MB")
    for contender in contenders[len(drivers) :]:
        print(f"{contender.name}: {contender.version}")
    for threads in map(int, options.threads.split(",")):
        measured = {contender.name: [] for contender in contenders}
        for turn in range(options.rounds):
            for contender in contenders if turn % 2 else reversed(contenders):
                measured[contender.name].append(contender.measure(options.model, threads))
        print(f"\n{threads} thread{'s' * (threads > 1)}, medians of {options.rounds} rounds\n")
        print("| | prompt | decode | 8 at once | of one | loaded MB | peak MB | load s |\n|" + " --- |" * 8)
        for name, rounds in measured.items():
            of = {key: median(each[key] for each in rounds) for key in rounds[0]}
            cells = [f"{of[key + '_rate']:.0f} ({of[key + '_cpu']:.0f})" for key in ("prompt", "decode", "concurrent")]
            # Of the same round, because the load of the machine changes.
            cells.append(f"{median(each['concurrent_cpu'] / each['decode_cpu'] for each in rounds):.1f}")
            cells += [f"{of[key] / 1e6:.0f}" for key in ("loaded_bytes", "peak_bytes")]
            print(f"| {name} | {' | '.join(cells)} | {of['load']:.2f} |")


if __name__ == "__main__":
    main()
