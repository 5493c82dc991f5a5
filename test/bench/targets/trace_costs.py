#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What tracing costs on each machine: the numbers of docs/reference/trace.md.

Instructions (QEMU) or cycles (simavr) for a record, averaged over 64, and for a
yield and a wake without tracing, with it, and with it but not started; flash
of the firmware that does it. The timestamp is a variable that is read.
"""
import os
import shutil
import sys
import tempfile

from build import HERE, Target, TARGETS, COMMON, Missing
import run


def program(target, name, defines):
    elf = os.path.join(target.folder, name + ".elf")
    target.tool("gcc", *target.flags, *COMMON, *target.include, *defines,
                os.path.join(HERE, "main.c"),
                os.path.join(HERE, "trace_costs.c"),
                target.archive, *target.link, "-Wl,--gc-sections", "-o", elf)
    return elf


def measure(target, name, defines):
    # The library, with these knobs.
    target.flags = TARGETS[target.name]["flags"] + defines
    target.library()
    elf = program(target, name, [])
    sections = (run.run_simavr if target.is_avr else run.run_qemu)(target, elf)
    size = target.tool("size", elf).splitlines()[1].split()
    return ({one.name: one.length / one.n for one in sections if one.n},
            int(size[0]) + int(size[1]))


def main():
    work = tempfile.mkdtemp(prefix="trace_costs_")
    print("%-14s %8s %14s %14s %8s" % ("", "record", "yield", "wake", "flash"))
    try:
        for name in TARGETS:
            try:
                target = Target(name, os.path.join(HERE, "../../.."),
                                os.path.join(work, name))
                off, small = measure(target, "off", [])
                on, large = measure(target, "on", ["-DASYNC_TRACE=1"])
            except Missing as missing:
                print("%-14s no %s" % (name, missing))
                continue
            print("%-14s %8.1f %6.1f->%6.1f %6.1f->%6.1f %+8d" % (
                name, on["mark"] - off["mark"], off["yield"], on["yield"],
                off["wake"], on["wake"], large - small))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
