#!/usr/bin/env python3
"""Prints the cost of each contender as a ratio to the floor, from runs that take turns.

usage: bench.py [--rounds N] [--peers] [--only SCENARIO,...]
"""

import argparse
from statistics import median

from measure import SCENARIOS, Scenario, ours, peers, server, tell_wrong

MANY = {
    "1000 streams": Scenario("paced", "1,000 streams at once", True, 1_000, 0, 1_000),
    "5000 streams": Scenario("paced", "5,000 streams at once", True, 5_000, 0, 5_000),
}
SECURE = {
    "h2 coalesced": Scenario("coalesced", "https, HTTP/2: stream, coalesced", True, 120, 12, secure=True),
}
SECURE_MANY = {
    "h2 100 streams": Scenario(
        "paced", "https, HTTP/2: 100 streams at once, a chunk every 20 ms", True, 100, 0, 100, secure=True
    ),
}
COLD = {
    "cold": Scenario("first", "cold start to the first token", True, 1, 0),
    "h2 cold": Scenario("first", "cold start over https to the first token", True, 1, 0, secure=True),
}
# A thousand streams take these clients minutes of CPU time.
SLOW_ROUNDS = 1


def cpu_ratios(scenario, contenders, served, rounds):
    """Returns the CPU time of a long run minus that of a short one, for each round. Empty if calls fail."""
    spent = {contender.name: [] for contender in contenders}
    for turn in range(rounds):
        order = contenders[turn % len(contenders):] + contenders[: turn % len(contenders)]
        for contender in order:
            if spent[contender.name] is None:
                continue
            requests = scenario.requests // contender.slowness
            few = max(scenario.few // contender.slowness, 1)
            long = contender.ask(served, scenario, requests)
            short = contender.ask(served, scenario, few)
            contender.check(served, scenario, requests, long.report)
            if long.report["failed"]:
                spent[contender.name] = None
            else:
                spent[contender.name].append((long.cpu - short.cpu) / (requests - few))
    return spent


def row(title, cells):
    print(f"| {title} | {' | '.join(cells)} |", flush=True)


def ratio(own, floor):
    """Returns the ratio as text, or None without a value."""
    return own and f"{median(mine / theirs for mine, theirs in zip(own, floor, strict=True)):.2f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    selected = [name for name in options.only.split(",") if name]
    contenders = ours() + (peers() if options.peers else [])
    names = [contender.name for contender in contenders]

    def chosen(scenarios):
        return (scenario for name, scenario in scenarios.items() if not selected or name in selected)

    row("CPU time", [f"{name}" for name in ["the floor's", *names[1:]]])
    row("---", ["---"] * len(names))
    with server() as served:
        for scenario in chosen(SCENARIOS | SECURE):
            one_by_one(scenario, contenders, served, options.rounds)
        for scenario in chosen(MANY | SECURE_MANY):
            many(scenario, contenders, served, options.rounds)
        for scenario in chosen(COLD):
            cold(scenario, contenders, served, options.rounds * 3)
    tell_wrong(contenders)


def one_by_one(scenario, contenders, served, rounds):
    """Prints the cost of one request, measured with sequential requests."""
    spent = cpu_ratios(scenario, contenders, served, rounds)
    floor = spent["floor"]
    per = served.scenarios[scenario.name]["pieces"]
    cells = [f"{median(floor) / per * 1e6:.2f} µs" + (" per chunk" if per > 1 else "")]
    cells += [each.marked(scenario, ratio(spent[each.name], floor)) for each in contenders[1:]]
    row(scenario.title, cells)


def many(scenario, contenders, served, rounds):
    """Prints CPU time, memory and latency of many concurrent streams."""
    costs = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            if contender.slowness > 1 and len(costs[contender.name]) >= SLOW_ROUNDS:
                continue
            costs[contender.name].append(contender.ask(served, scenario, scenario.requests))
    floor = costs["floor"]
    cells = []
    for contender in contenders:
        own = costs[contender.name]
        for cost in own:
            contender.check(served, scenario, scenario.requests, cost.report)
        failed = max(cost.report["failed"] for cost in own)
        peak = median(cost.peak for cost in own) / 1e6
        first = median(cost.report["first_p99_ms"] for cost in own)
        cpu = median(cost.cpu for cost in own)
        share = f"{cpu:.2f} s" if contender.name == "floor" else f"{cpu / median(c.cpu for c in floor):.2f}"
        cell = f"{share}, {peak:.0f} MB, p99 {first:.0f} ms" + (f", {failed} failed" if failed else "")
        cell += connections(own) if scenario.secure else ""
        cells.append(contender.marked(scenario, cell if failed < scenario.requests else None))
    row(scenario.title, cells)


def connections(costs):
    """Returns the maximum number of connections, and of those with requests: the first HTTP/2 connection serves all calls."""
    counted = [cost.report["connections"] for cost in costs]
    made = max(each["http1"] + each["http2"] for each in counted)
    used = max(each["http1"] + each["http2_used"] for each in counted)
    return f", {made} connections of which {used} served"


def cold(scenario, contenders, served, rounds):
    """Prints the wall time of a process that makes one request."""
    walls = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            cost = contender.ask(served, scenario, scenario.requests)
            contender.check(served, scenario, scenario.requests, cost.report)
            walls[contender.name].append(None if cost.report["failed"] else cost.wall)
    floor = walls["floor"]
    cells = [f"{median(floor) * 1e3:.1f} ms"]
    for contender in contenders[1:]:
        own = walls[contender.name]
        cells.append(contender.marked(scenario, None if None in own else ratio(own, floor)))
    row(f"{scenario.title} (wall time)", cells)


if __name__ == "__main__":
    main()
