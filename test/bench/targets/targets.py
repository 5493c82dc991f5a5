#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What libasync costs on each machine: bytes, instructions, masking, stack.

  targets.py show    print all tables
  targets.py check   compare them with the pages; status 1 if one differs by
                     more than 3 %, or is over a limit
  targets.py write   put them into the pages: that is how to accept a change
  targets.py can-fail  show that all is noticed: sources that wake all under
                     one lock, hooks that are there, a page with another number

  --target NAME   only this machine (cortex_m0plus, cortex_m3, cortex_m33,
                  rv32, avr); not with write
  --root FOLDER   of the sources

The tables stand in pages between "<!-- measured: name -->" and
"<!-- end -->". Status 77: a compiler or an emulator is missing.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import sys
import tempfile

from build import Target, Missing, TARGETS
import footprint
import limits
import run
import sizes
import stack
import tables


def measure(root, work, names, what):
    """{target: {part: result}} of the parts of `what`."""
    def one(name):
        target = Target(name, root, os.path.join(work, name))
        result = {}
        if "sizes" in what:
            result["sizes"] = sizes.measure(target)
        if "run" in what:
            result["run"] = run.measure(target)
        if "stack" in what:
            result["stack"] = stack.measure(target)
        if "footprint" in what and name in footprint.MACHINES:
            result["footprint"] = footprint.measure(target)
        return name, result

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(pool.map(one, names))


def broken_copy(root, work):
    """A copy of the sources that wakes all waiters under one lock."""
    copy = os.path.join(work, "broken")
    for part in ("include", "src"):
        shutil.copytree(os.path.join(root, part), os.path.join(copy, part))
    shutil.copy(os.path.join(root, "CMakeLists.txt"), copy)
    path = os.path.join(copy, "src/core.c")
    with open(path) as file:
        text = file.read()
    function = re.search(r"(?s)\nstatic void wake_moved\(.*?\n}\n",
                         text).group()
    once = re.sub(r"\n *async_port_unlock\(state\);\n *state = "
                  r"async_port_lock\(\);", "", function)
    assert once != function, "the source has changed: change this, too"
    with open(path, "w") as file:
        file.write(text.replace(function, once))
    return copy


def footprint_unnoticed(root, work, names):
    """Hooks that are there, and another number in a row of a machine."""
    wrong = []
    for name in names:
        target = Target(name, root, os.path.join(work, "hooks", name))
        for options in (footprint.ACCOUNTING, footprint.TRACE):
            found = " ".join(footprint.left(target, options))
            if "loop.c: not as" not in found or "loop.c: has" not in found:
                wrong.append("%s: hooks with %s" % (name, *options))
        row = tables.title(name) + ": reports"
        for cells in ({"flash": "104"}, {}, {"flash": "100", "a": "1"}):
            stated, measured = [tables.parse(tables.markdown("", {row: one}))
                                for one in ({"flash": "100"}, cells)]
            if not tables.compare("", "", stated, measured,
                                  {tables.title(name)}):
                wrong.append("%s, and the page says %s" % (measured, stated))
    return wrong


def can_fail(root, work, names):
    """What goes unnoticed."""
    wrong = footprint_unnoticed(root, work, names)
    copy = broken_copy(root, work)
    for name, result in measure(copy, work, names, ["run"]).items():
        found = limits.masking(name, result["run"])
        if not any("event set" in one for one in found):
            wrong.append("%s: waking all under one lock" % name)
    if tables.differ([100], [102]) or not tables.differ([100], [104]) or \
            not tables.differ([], [104]):
        wrong.append("a cell that differs by 4 %, or is missing")
    return wrong


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=("show", "check", "write",
                                            "can-fail"))
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--root", default=os.path.normpath(
        os.path.join(here, "../../..")))
    arguments = parser.parse_args()
    if arguments.command == "write" and arguments.target:
        parser.error("write needs all machines")
    names = [arguments.target] if arguments.target else list(TARGETS)
    with tempfile.TemporaryDirectory() as work:
        try:
            return command(arguments, work, names)
        except Missing as missing:
            print("skipped: no %s" % missing)
            return 77


def command(arguments, work, names):
    root = arguments.root
    if arguments.command == "can-fail":
        wrong = can_fail(root, work, names)
    else:
        found = measure(root, work, names, ["sizes", "run", "stack",
                                           "footprint"])
        wrong = limits.check(found)
        blocks = tables.blocks(found)
        if arguments.command == "show":
            for name, table in blocks.items():
                print("%s:\n\n%s" % (name, table))
        elif arguments.command == "write":
            tables.write(root, blocks)
        else:
            differences = tables.check(root, blocks, names)
            if differences:
                differences.append("accept: python3 "
                                   "test/bench/targets/targets.py write")
            wrong += differences
    for one in wrong:
        print(one)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
