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
PEERS = HERE / "peers"


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
    secure: bool = False
    """Over TLS, where the server offers HTTP/2."""

    def arguments(self, served, requests):
        origin = served.secure_origin if self.secure else served.origin
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
    """What it printed; over TLS, also the connections that the server has counted."""


class Contender:
    """A client with the command line of `contract`."""

    def __init__(self, name, command, slowness=1, is_built=True):
        self.name = name
        self.command = command
        self.slowness = slowness
        """By how much its runs are shorter, so that they end."""
        self.is_built = is_built
        """Whether it is a program of its own, whose instructions can be counted, rather than a script."""
        self.wrong = {}
        """What went wrong first, by the scenario's title."""

    def ask(self, served, scenario, requests):
        """Has it make so many requests."""
        arguments = scenario.arguments(served, requests)
        if not scenario.secure:
            return self.run(arguments)
        cost = self.run(arguments, served.trusting())
        cost.told["connections"] = served.connections()
        return cost

    def run(self, arguments, environment=None):
        """Runs it once. Where it breaks down, its calls have failed, and the others still have their turn."""
        started = time.perf_counter()
        process = subprocess.Popen([*self.command, *arguments], stdout=subprocess.PIPE, env=environment)
        out = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        told = broken(arguments, process.returncode) if process.returncode else json.loads(out)
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, wall, told)

    def check(self, served, scenario, requests, told):
        """Keeps in mind what went wrong, if anything did."""
        if told["failed"]:
            self.wrong.setdefault(scenario.title, f"calls failed: {told['error'][:160]}")
        elif not served.proves(scenario.name, requests, told):
            self.wrong.setdefault(scenario.title, "what it heard is not what was said")
        elif told.get("connections", {}).get("http1"):
            self.wrong.setdefault(scenario.title, "it spoke HTTP/1.1")
        if self.wrong and self.name == "floor":
            sys.exit(f"nothing can be measured by a floor that gives way: {self.wrong}")

    def marked(self, scenario, cell):
        """What goes into a table of one that has failed, or not heard all that was said: see `tell_wrong`."""
        return "—" if cell is None else f"{cell}†" if scenario.title in self.wrong else cell


def broken(arguments, code):
    """What one would have printed that broke down."""
    *_, requests, _ = arguments
    told = {"checksum": 0, "pieces": 0, "failed": int(requests), "error": f"it ended with {code}"}
    return told | {"first_p50_ms": 0.0, "first_p99_ms": 0.0, "wall_ms": 0.0}


def tell_wrong(contenders):
    """Says what the marks in a table stand for."""
    for contender in contenders:
        scenarios = {}
        for title, wrong in contender.wrong.items():
            scenarios.setdefault(wrong, []).append(title)
        for wrong, titles in scenarios.items():
            print(f"\n{contender.name} ({'; '.join(titles)}): {wrong}")


def ours():
    """Those that are always there."""
    return [Contender("floor", [BUILT / "floor"]), Contender("Botticelli", [BUILT / "bench_botticelli"])]


def peers():
    """Other clients, as far as `peers/install.sh` has built or installed them.

    Those in Rust are crates of the workspace `peers`; those in Python and JavaScript are scripts, which take the same
    command line and print the same line, and are run by what was installed for them.
    """
    release = PEERS / "target" / "release"
    python = PEERS / "target" / "python" / "bin" / "python"
    node = PEERS / "target" / "node" / "node_modules" / ".bin" / "node"
    known = [
        Contender("async-openai", [release / "bench_async_openai"]),
        Contender("genai", [release / "bench_genai"]),
        Contender("rig", [release / "bench_rig"]),
        Contender("llm", [release / "bench_llm"]),
        Contender("openai (Python)", [python, PEERS / "openai_python.py"], slowness=20, is_built=False),
        Contender("openai (Node)", [node, PEERS / "openai_node.mjs"], slowness=4, is_built=False),
    ]
    found = [contender for contender in known if contender.command[0].exists()]
    return found or sys.exit("install them first: just bench-install")


class Server:
    """The server that sends the answers."""

    def __init__(self, process):
        self.process = process
        told = json.loads(process.stdout.readline())
        self.origin = f"http://127.0.0.1:{told['port']}"
        self.secure_origin = f"https://127.0.0.1:{told['tls_port']}"
        self.authority = told["authority"]
        self.scenarios = told["scenarios"]

    def proves(self, scenario, requests, told):
        """Whether a contender has heard all that was said."""
        return told["failed"] == 0 and told["checksum"] == self.scenarios[scenario]["checksum"] * requests % 2**32

    def trusting(self):
        """The environment of a contender that is to trust it, and it alone."""
        others = {name: value for name, value in os.environ.items() if name != "SSL_CERT_DIR"}
        return others | {"SSL_CERT_FILE": self.authority}

    def connections(self):
        """How many were made over TLS since this was last asked."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


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
