# SPDX-License-Identifier: MIT
"""On microcontrollers: instructions in QEMU, cycles in simavr."""
import os
import re
import shutil
import subprocess

from build import COMMON, Missing, Target, call

HERE = os.path.dirname(os.path.abspath(__file__))
TRACER = os.path.join(HERE, "../targets/trace_avr.c")
QEMU = ["-nodefaults", "-display", "none", "-semihosting-config",
        "enable=on,target=native", "-icount", "shift=0", "-kernel"]
CPP = ["-std=c++20", "-Os", "-ffunction-sections", "-fdata-sections",
       "-ffreestanding", "-fno-exceptions", "-fno-rtti"]

SOURCES = {"libasync": "libasync.c", "floor": "floor.c",
           "C++20, g++": "cpp20.cpp"}
MACHINES = {"cortex_m0plus": list(SOURCES), "cortex_m3": list(SOURCES),
            "avr": ["libasync", "floor"]}


def image(target, name):
    """Of one contestant; None if there is no compiler for it."""
    source = os.path.join(HERE, SOURCES[name])
    elf = os.path.join(target.folder, SOURCES[name] + ".elf")
    library = [target.archive] if name == "libasync" else []
    if source.endswith(".cpp"):
        if shutil.which(target.prefix + "g++") is None:
            return None
        target.tool("g++", *target.flags, *CPP, "-c", source, "-o",
                    elf + ".o")
        source = elf + ".o"
    target.tool("gcc", *target.flags, *COMMON, *target.include, source,
                os.path.join(HERE, "main_target.c"), *library, *target.link,
                "-Wl,--gc-sections", "-o", elf)
    return elf


def output_of_qemu(target, elf):
    command = [*target.emulator[:3], *QEMU, elf]
    done = subprocess.run(["timeout", "100", *command], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def output_of_simavr(target, elf):
    tracer = os.path.join(target.folder, "trace_avr")
    try:
        call(["cc", "-O2", "-isystem", "/usr/include/simavr", TRACER, "-o",
              tracer, "-lsimavr", "-lelf"])
    except RuntimeError:
        raise Missing("libsimavr")
    never = "ffffffff"
    marks = {}
    for line in target.tool("nm", elf).splitlines():
        address, _, name = line.rsplit(None, 2)
        marks[name] = address
    return call(["timeout", "100", tracer, elf, marks["mark_begin"],
                 marks["mark_end"], never, never])


def parse(target, text):
    """{(workload, n): ([what it returned], cost of an operation)}"""
    found = {}
    runs = re.findall(r"#(\w+) (\d+) (\d+)\s+(\d+)[^\n]*\s+=(\d+)", text)
    for few, many in zip(runs[::2], runs[1::2]):
        assert few[:2] == many[:2]
        cost = (int(many[3]) - int(few[3])) / (int(many[2]) - int(few[2]))
        found[few[0], int(few[1])] = [few[4], many[4]], cost
    if "!end" not in text:
        raise RuntimeError("%s: the firmware did not end:\n%s"
                           % (target.name, text))
    calibration = found.pop(("calibrate", 0), (None, 1))[1]
    if abs(calibration - 1) > 0.01:
        raise RuntimeError("%s: one instruction counts as %g" % (target.name,
                                                                 calibration))
    return found


def measure(name, root, folder, names=None):
    """{contestant: {(workload, n): ...}}"""
    target = Target(name, root, os.path.join(folder, name))
    output = output_of_simavr if target.is_avr else output_of_qemu
    found = {}
    for one in names or MACHINES[name]:
        elf = image(target, one)
        found[one] = parse(target, output(target, elf)) if elf else {}
    return found
