"""What the benchmarks share: the server, the contenders, and what a run of one costs."""

import json
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE / "target" / "release"


@dataclass(frozen=True)
class Scenario:
    """What the contenders are asked to do."""

    name: str
    title: str
    streamed: bool
    requests: int
    """How many requests the long run makes; the short one makes `few`."""
    few: int
    at_once: int = 1

    def arguments(self, origin, requests):
        mode = "stream" if self.streamed else "plain"
        return [f"{origin}/{self.name}/v1", mode, str(requests), str(self.at_once)]


SCENARIOS = {
    "short": Scenario("short", "one-shot, 600 bytes", False, 4000, 400),
    "long": Scenario("long", "answer of 64 KiB", False, 2000, 200),
    "chunked": Scenario("chunked", "stream, one HTTP chunk an event", True, 60, 6),
    "coalesced": Scenario("coalesced", "stream, coalesced", True, 120, 12),
    "written": Scenario("written", "stream, one socket write an event", True, 40, 4),
    "tools": Scenario("tools", "tool call fragments", True, 60, 6),
}


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    cpu: float
    """Seconds, user and system."""
    peak: int
    """Bytes."""
    wall: float
    """Seconds."""
    told: dict
    """What it printed."""


class Contender:
    """A client with the command line of `contract`."""

    def __init__(self, name, command, slowness=1):
        self.name = name
        self.command = command
        self.slowness = slowness
        """By how much its runs are shorter, so that they end."""
        self.proven = True
        """Whether it has heard all that was said, so far."""

    def run(self, arguments):
        started = time.perf_counter()
        process = subprocess.Popen([*self.command, *arguments], stdout=subprocess.PIPE)
        out = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{self.name} {' '.join(arguments)} ended with {process.returncode}")
        cpu = used.ru_utime + used.ru_stime
        return Cost(cpu, used.ru_maxrss * 1024, time.perf_counter() - started, json.loads(out))


def ours():
    """Those that are always there."""
    return [Contender("floor", [BUILT / "floor"]), Contender("Botticelli", [BUILT / "bench_botticelli"])]


def peers():
    """Other clients, as far as they are built or installed."""
    return []


class Server:
    """The server that sends the answers."""

    def __init__(self, process):
        self.process = process
        told = json.loads(process.stdout.readline())
        self.origin = f"http://127.0.0.1:{told['port']}"
        self.scenarios = told["scenarios"]

    def proves(self, scenario, requests, told):
        """Whether a contender has heard all that was said."""
        return told["failed"] == 0 and told["checksum"] == self.scenarios[scenario]["checksum"] * requests % 2**32


@contextmanager
def server():
    """Runs the server as long as it is needed."""
    # Thousands of connections at once, on both ends.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    binary = BUILT / "bench_server"
    if not binary.exists():
        sys.exit("build it first: cargo build --release --manifest-path benches/Cargo.toml")
    process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Server(process)
    finally:
        process.stdin.close()
        process.wait(timeout=10)
