#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast libasync is, beside a floor written by hand and beside peers.

  performance.py show      print all tables
  performance.py check     compare what libasync costs with the page; status 1
                           if anything differs by more than 3 %
  performance.py write     put the tables into docs/reference/performance.md and
                           footprint.md: that is how to accept a change
  performance.py can-fail  show that check notices another number
  performance.py depth     whether the depth of awaits costs anything ($CC)
  performance.py quick     what libasync costs on this PC, and no more

  --part NAME         only this: host, scale, cortex_m0plus, cortex_m3, avr;
                      may be given several times; not with write
  --root FOLDER       of the library's sources
  --only NAME         with quick: only this workload (performance/bench.h)
  --contestant NAME   with quick: another one than libasync
  --option OPTION     with quick: for the compiler: --option=-DASYNC_REPORTS=0

The tables stand between "<!-- measured: name -->" and "<!-- end -->". Only
instructions and cycles are compared, which do not depend on the machine that
measures. Status 77: a compiler or an emulator is missing.
"""
import argparse
import concurrent.futures
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, one) for one in ("performance", "targets")]

from build import Missing
import host
import machines
import pages
import tables

PARTS = ("host", "scale", *machines.MACHINES)
OURS = [pages.OURS]
ACCEPT = "accept: python3 test/bench/performance.py write"


# --- Measure -----------------------------------------------------------------

class Bench:
    """Measures for the tables; `alone`: only libasync, and no times."""

    def __init__(self, root, work, pool, alone):
        self.root, self.work, self.pool = root, work, pool
        self.alone = alone
        self.wrong = []

    def made(self, corner, rows):
        return tables.markdown(corner, rows)

    def contestants(self, names):
        return host.build(OURS if self.alone else list(names), self.root,
                          self.work, self.pool)

    def counted(self, contestants, runs):
        counted = host.count(contestants, runs, self.pool)
        self.wrong += pages.disagreements(counted)
        return pages.numbers(counted)

    def times(self, contestants, runs):
        """One after the other: they would disturb each other."""
        return {one.name: {run: one.ns(*run) for run in runs}
                for one in contestants}

    def host(self):
        built = self.contestants(host.CONTESTANTS)
        names = [one.name for one in built]
        found = self.counted(built, host.RUNS)
        yield "host", self.made("instructions", pages.table(found, names,
                                                            host.RUNS))
        yield from self.footprint(built[0], found)
        if not self.alone:
            found = self.times(built, host.RUNS)
            rows = pages.table(found, names, host.RUNS)
            for cells in rows.values():
                cells.pop(pages.RATIO, None)
            yield "host ns", self.made("nanoseconds", rows)

    def scale(self):
        built = self.contestants(host.MANY_TASKS)
        names = [one.name for one in built]
        found = self.counted(built, host.SCALE)
        self.wrong += not_flat(found[pages.OURS])
        yield "scale", self.made("instructions", pages.table(
            found, names, host.SCALE))
        if not self.alone:
            yield "scale ns", self.made("nanoseconds", pages.table(
                self.times(built, host.SCALE), names, host.SCALE))
            runs = [("yield", n) for n in host.NUMBERS[2:]]
            found = {one.name: {run: one.memory(*run) for run in runs}
                     for one in built}
            yield "scale bytes", self.made("bytes of a task", pages.table(
                found, names, runs, "%.0f"))

    def footprint(self, default, found):
        built = host.build_footprints(default, self.root, self.work, self.pool)
        counted = host.count(built, host.FOOTPRINT, self.pool)
        found = {host.DEFAULT: found[default.name], **pages.numbers(counted)}
        yield "footprint x86-64", self.made("x86-64, instructions", {
            one: {"a " + run[0]: "%.1f" % found[one][run]
                  for run in host.FOOTPRINT} for one in host.FOOTPRINTS})

    def machine(self, name):
        names = OURS if self.alone else machines.MACHINES[name]
        counted = machines.measure(name, self.root, self.work, names)
        self.wrong += pages.disagreements(counted)
        found = pages.numbers(counted)
        runs = pages.in_order({run for one in found.values() for run in one})
        corner = "cycles" if name == "avr" else "instructions"
        yield name, self.made(corner, pages.table(found, names, runs))

    def part(self, name):
        return getattr(self, name)() if hasattr(self, name) else \
            self.machine(name)

    def blocks(self, parts):
        """{name: table}"""
        return {name: table for part in parts
                for name, table in self.part(part)}


def not_flat(found):
    """Every task costs the same, however many there are."""
    return ["%s: %.1f instructions with %d tasks, %.1f with %d"
            % (name, found[name, few], few, found[name, many], many)
            for name in ("yield", "spawn")
            for few, many in zip(host.NUMBERS[1:], host.NUMBERS[2:])
            if tables.differ([found[name, few]], [found[name, many]])]


# --- Commands ----------------------------------------------------------------

def show(bench, arguments):
    for name, table in bench.blocks(arguments.part).items():
        print("%s:\n\n%s" % (name, table), flush=True)
    return bench.wrong


def check(bench, arguments):
    blocks = bench.blocks(arguments.part)
    differences = pages.check(pages.read(arguments.page_root), blocks)
    return bench.wrong + differences + ([ACCEPT] if differences else [])


def write(bench, arguments):
    blocks = bench.blocks(arguments.part)
    if not bench.wrong:
        tables.write(arguments.page_root, blocks, pages.PAGES)
    return bench.wrong


def can_fail(bench, arguments):
    """What goes unnoticed."""
    wrong = []
    for name, table in bench.blocks(arguments.part).items():
        page = "<!-- measured: %s -->\n\n%s\n<!-- end -->" % (name, table)
        same = pages.check(page, {name: table})
        if same:
            wrong.append("%s: differs from itself: %s" % (name, same))
        for (row, _), number in pages.ours(table).items():
            line = next(line for line in table.splitlines()
                        if line.startswith("| %s |" % row))
            for stated, word in ((number * 0.96, "WORSE"),
                                 (number * 1.04, "better"), (None, "None")):
                other = line.replace("| %.1f |" % number, "| - |" if stated is
                                     None else "| %.3f |" % stated, 1)
                found = pages.check(page.replace(line, other), {name: table})
                if len(found) != 1 or word not in found[0]:
                    wrong.append("%s: %s: goes unnoticed" % (name, other))
    return wrong


def depth(bench, _):
    """Like a run of the quick tests: with their compiler."""
    one = host.Contestant(pages.OURS, bench.root, bench.work,
                          compiler=os.environ.get("CC", "cc"))
    costs = host.count([one], host.DEPTHS, bench.pool)[pages.OURS]
    for run in host.DEPTHS:
        print("%s: %.1f instructions" % (pages.row(run), costs[run][1]))
    lowest, *_, highest = sorted(cost for _, cost in costs.values())
    return ["the cost depends on the depth"] if highest - lowest > 0.5 else []


def quick(bench, arguments):
    names = arguments.contestant or OURS
    built = host.build(names, bench.root, bench.work, bench.pool,
                       arguments.option)
    runs = [run for run in host.RUNS + host.SCALE[4:6]
            if not arguments.only or run[0] in arguments.only]
    found = bench.counted(built, runs)
    print(tables.markdown("instructions", pages.table(found, names, runs)))
    return bench.wrong


COMMANDS = {"show": show, "check": check, "write": write,
            "can-fail": can_fail, "depth": depth, "quick": quick}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--root")
    for option in ("only", "contestant", "option"):
        parser.add_argument("--" + option, action="append", default=[])
    arguments = parser.parse_args()
    if arguments.command == "write" and arguments.part:
        parser.error("write needs all parts")
    arguments.part = arguments.part or PARTS
    arguments.page_root = os.path.normpath(os.path.join(HERE, "../.."))
    root = os.path.abspath(arguments.root or arguments.page_root)
    alone = arguments.command in ("check", "can-fail")
    with tempfile.TemporaryDirectory() as work, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        try:
            wrong = COMMANDS[arguments.command](
                Bench(root, work, pool, alone), arguments)
        except Missing as missing:
            print("skipped: no %s" % missing)
            return 77
    for one in wrong:
        print(one)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
