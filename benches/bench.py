#!/usr/bin/env python3
"""Prints what each contender costs as a ratio to the floor, from runs that take turns.

usage: bench.py [--rounds N] [--peers] [--only SCENARIO,...]
"""

import argparse
from statistics import median

from measure import SCENARIOS, Scenario, ours, peers, server, tell_wrong

MANY = {
    "1000 streams": Scenario("paced", "1,000 streams at once", True, 1_000, 0, 1_000),
    "5000 streams": Scenario("paced", "5,000 streams at once", True, 5_000, 0, 5_000),
}
COLD = Scenario("first", "cold start to the first token", True, 1, 0)
# Their CPU time at a thousand streams would be minutes.
SLOW_ROUNDS = 1


def cpu_ratios(scenario, contenders, served, rounds):
    """The CPU time of a long run less that of a short one, for each round; none where calls fail."""
    spent = {contender.name: [] for contender in contenders}
    for turn in range(rounds):
        order = contenders[turn % len(contenders):] + contenders[: turn % len(contenders)]
        for contender in order:
            if spent[contender.name] is None:
                continue
            requests = scenario.requests // contender.slowness
            few = max(scenario.few // contender.slowness, 1)
            long = contender.run(scenario.arguments(served.origin, requests))
            short = contender.run(scenario.arguments(served.origin, few))
            contender.check(served, scenario.name, requests, long.told)
            if long.told["failed"]:
                spent[contender.name] = None
            else:
                spent[contender.name].append((long.cpu - short.cpu) / (requests - few))
    return spent


def row(title, cells):
    print(f"| {title} | {' | '.join(cells)} |", flush=True)


def ratio(own, floor):
    """For a table; none of nothing."""
    return own and f"{median(mine / theirs for mine, theirs in zip(own, floor, strict=True)):.2f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    wanted = [name for name in given.only.split(",") if name]
    contenders = ours() + (peers() if given.peers else [])
    names = [contender.name for contender in contenders]

    def is_wanted(name):
        return not wanted or name in wanted

    row("CPU time", [f"{name}" for name in ["the floor's", *names[1:]]])
    row("---", ["---"] * len(names))
    with server() as served:
        for name, scenario in SCENARIOS.items():
            if not is_wanted(name):
                continue
            spent = cpu_ratios(scenario, contenders, served, given.rounds)
            floor = spent["floor"]
            per = served.scenarios[name]["pieces"]
            unit = f"{median(floor) / per * 1e6:.2f} µs" + (" a chunk" if per > 1 else "")
            others = contenders[1:]
            row(scenario.title, [unit, *(each.marked(name, ratio(spent[each.name], floor)) for each in others)])
        for name, scenario in MANY.items():
            if is_wanted(name):
                many(scenario, contenders, served, given.rounds)
        if is_wanted("cold"):
            cold(contenders, served, given.rounds * 3)
    tell_wrong(contenders)


def many(scenario, contenders, served, rounds):
    """Many streams at once: what they cost, how much memory they take, and how long the last have to wait."""
    costs = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            if contender.slowness > 1 and len(costs[contender.name]) >= SLOW_ROUNDS:
                continue
            costs[contender.name].append(contender.run(scenario.arguments(served.origin, scenario.requests)))
    floor = costs["floor"]
    cells = []
    for contender in contenders:
        own = costs[contender.name]
        for cost in own:
            contender.check(served, scenario.name, scenario.requests, cost.told)
        failed = max(cost.told["failed"] for cost in own)
        peak = median(cost.peak for cost in own) / 1e6
        first = median(cost.told["first_p99_ms"] for cost in own)
        cpu = median(cost.cpu for cost in own)
        share = f"{cpu:.2f} s" if contender.name == "floor" else f"{cpu / median(c.cpu for c in floor):.2f}"
        cell = f"{share}, {peak:.0f} MB, p99 {first:.0f} ms" + (f", {failed} failed" if failed else "")
        cells.append(contender.marked(scenario.name, cell if failed < scenario.requests else None))
    row(scenario.title, cells)


def cold(contenders, served, rounds):
    """A process that asks once: from its start to its end, which follows at once."""
    walls = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            cost = contender.run(COLD.arguments(served.origin, 1))
            contender.check(served, COLD.name, 1, cost.told)
            walls[contender.name].append(None if cost.told["failed"] else cost.wall)
    floor = walls["floor"]
    cells = [f"{median(floor) * 1e3:.1f} ms"]
    for contender in contenders[1:]:
        own = walls[contender.name]
        cells.append(contender.marked(COLD.name, None if None in own else ratio(own, floor)))
    row(f"{COLD.title} (wall time)", cells)


if __name__ == "__main__":
    main()
