"""Shared parts of the benchmarks: the server, the contenders, and the cost of a run."""

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
# `just check-instructions` names another folder.
BUILT = Path(os.environ.get("BENCH_FOLDER", HERE / "target" / "release")).resolve()
PEERS = HERE / "peers"


@dataclass(frozen=True)
class Scenario:
    """The work of the contenders."""

    name: str
    title: str
    streamed: bool
    requests: int
    """Number of requests of the long run. The short run makes `few`."""
    few: int
    at_once: int = 1
    secure: bool = False
    """True for TLS, over which the server offers HTTP/2."""

    def arguments(self, served, requests):
        origin = served.secure_origin if self.secure else served.origin
        mode = "stream" if self.streamed else "plain"
        return [f"{origin}/{self.name}/v1", mode, str(requests), str(self.at_once)]


SCENARIOS = {
    "short": Scenario("short", "one-shot, 600 bytes", False, 4000, 400),
    "long": Scenario("long", "response of 64 KiB", False, 2000, 200),
    "chunked": Scenario("chunked", "stream, one HTTP chunk per event", True, 60, 6),
    "coalesced": Scenario("coalesced", "stream, coalesced", True, 120, 12),
    "written": Scenario("written", "stream, one socket write per event", True, 40, 4),
    "tools": Scenario("tools", "tool call fragments", True, 60, 6),
}


@dataclass(frozen=True)
class Cost:
    """The cost of a process."""

    cpu: float
    """Seconds, user and system."""
    peak: int
    """Bytes."""
    wall: float
    """Seconds."""
    report: dict
    """Its output. Over TLS also the connections counted by the server."""


class Contender:
    """A client with the command line of `contract`."""

    def __init__(self, name, command, slowness=1, is_built=True, variables=None):
        self.name = name
        self.command = command
        self.variables = variables or {}
        """Its environment variables, in addition to those of this process."""
        self.slowness = slowness
        """Factor by which its runs are shorter."""
        self.is_built = is_built
        """True for a compiled program, false for a script, whose instructions cannot be counted."""
        self.wrong = {}
        """The first problem in each scenario, by title."""

    def ask(self, served, scenario, requests):
        """Makes the given number of requests."""
        arguments = scenario.arguments(served, requests)
        if not scenario.secure:
            return self.run(arguments)
        cost = self.run(arguments, served.trusting())
        cost.report["connections"] = served.connections()
        return cost

    def run(self, arguments, environment=None):
        """Runs it once. If the process fails, its calls count as failed, and the other contenders still run."""
        started = time.perf_counter()
        environment = (environment or os.environ) | self.variables
        process = subprocess.Popen([*self.command, *arguments], stdout=subprocess.PIPE, env=environment)
        out = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        report = broken(arguments, process.returncode) if process.returncode else json.loads(out)
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, wall, report)

    def check(self, served, scenario, requests, report):
        """Records the first problem of a run."""
        if report["failed"]:
            self.wrong.setdefault(scenario.title, f"calls failed: {report['error'][:160]}")
        elif not served.proves(scenario.name, requests, report):
            self.wrong.setdefault(scenario.title, "the received text differs from the text sent")
        elif report.get("connections", {}).get("http1"):
            self.wrong.setdefault(scenario.title, "it used HTTP/1.1")
        if self.wrong and self.name == "floor":
            sys.exit(f"the floor failed, so that no ratio can be computed: {self.wrong}")

    def marked(self, scenario, cell):
        """Returns the cell of the table, with a mark if the text was incomplete or calls failed (see `tell_wrong`)."""
        return "—" if cell is None else f"{cell}†" if scenario.title in self.wrong else cell


def broken(arguments, code):
    """Returns the output for a failed process."""
    *_, requests, _ = arguments
    report = {"checksum": 0, "pieces": 0, "failed": int(requests), "error": f"it ended with {code}"}
    return report | {"first_p50_ms": 0.0, "first_p99_ms": 0.0, "wall_ms": 0.0}


def tell_wrong(contenders):
    """Prints the meaning of the marks in a table."""
    for contender in contenders:
        scenarios = {}
        for title, wrong in contender.wrong.items():
            scenarios.setdefault(wrong, []).append(title)
        for wrong, titles in scenarios.items():
            print(f"\n{contender.name} ({'; '.join(titles)}): {wrong}")


def ours():
    """Returns the contenders that are always present."""
    return [Contender("floor", [BUILT / "floor"]), Contender("Botticelli", [BUILT / "bench_botticelli"])]


def peers():
    """Returns the other clients that `peers/install.sh` has installed.

    The Rust clients are crates of the workspace `peers`. The Python and JavaScript clients are scripts with the same
    command line and output, run by the installed interpreters.
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
    return found or sys.exit("no other client is installed: run `just bench-install`")


class Server:
    """The server of prepared responses."""

    def __init__(self, process):
        self.process = process
        report = json.loads(process.stdout.readline())
        self.origin = f"http://127.0.0.1:{report['port']}"
        self.secure_origin = f"https://127.0.0.1:{report['tls_port']}"
        self.authority = report["authority"]
        self.scenarios = report["scenarios"]

    def proves(self, scenario, requests, report):
        """Returns true if a contender received the complete text."""
        return report["failed"] == 0 and report["checksum"] == self.scenarios[scenario]["checksum"] * requests % 2**32

    def trusting(self):
        """Returns an environment in which a contender trusts this server only."""
        others = {name: value for name, value in os.environ.items() if name != "SSL_CERT_DIR"}
        return others | {"SSL_CERT_FILE": self.authority}

    def connections(self):
        """Returns the TLS connections since the previous call."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def server():
    """Runs the server for the duration of the context."""
    # For thousands of concurrent connections on both ends.
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
