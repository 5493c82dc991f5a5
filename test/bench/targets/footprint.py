# SPDX-License-Identifier: MIT
"""What it costs to see inside: bytes and instructions with everything off, with
reports, with accounting, with a trace.

Measured are the firmware that blinks, and a yield and a wake as in costs.c.
Besides, what is off has to be nothing: the object files are those of sources
without any hook.
"""
import os
import re

from build import BLINK, COMMON, HERE
import run
from sizes import QUIET, blinking, linked, members, objects, text

ACCOUNTING, TRACE = ["-DASYNC_ACCOUNTING=1"], ["-DASYNC_TRACE=1"]
OFF, DEFAULT, ACCOUNTED, TRACED, BOTH = CONFIGURATIONS = (
    "everything off", "reports", "reports, accounting", "reports, trace",
    "reports, both")
OPTIONS = dict(zip(CONFIGURATIONS, (QUIET, [], ACCOUNTING, TRACE,
                                    ACCOUNTING + TRACE)))
# A Cortex-M33 would show what a Cortex-M3 does.
MACHINES = ("cortex_m0plus", "cortex_m3", "rv32", "avr")
OBSERVERS = {"account": ACCOUNTING, "account_ask": ACCOUNTING,
             "account_write": ACCOUNTING, "slow_step": ACCOUNTING,
             "trace": TRACE}
PROGRAM = ["-DCOSTS_IN_BRIEF=1",
           *[os.path.join(HERE, one + ".c")
             for one in ("main", "costs", "footprint")]]
WITHOUT = ["-include", os.path.join(HERE, "without_hooks.h")]
HOOK = re.compile(r"(?m)^ .*\bhook_\w+\(")
NUMBERED = re.compile(r"(?<=\.L)\d+|\.\d+\b")
LEFT = re.compile(r"\basync_(?:trace|tracing|account)\w*")


# --- Numbers -----------------------------------------------------------------

def needed(target):
    """Sources that the two firmwares link, in any configuration."""
    found = {"src/account.c", "src/trace.c", "src/timestamp.c"}
    for source, link in ((PROGRAM, target.link),
                         ([os.path.join(BLINK, "blink.c")], target.bare)):
        _, text_of_map = linked(target, [], *source, target.archive, *link)
        found.update(members(target, text_of_map))
    return [one for one in target.sources() if one in found]


def sections(target, options, archive):
    """{name: [section]} of the firmware that yields and wakes."""
    elf, _ = linked(target, options, *PROGRAM, archive, *target.link)
    found = {}
    for one in (run.run_simavr if target.is_avr else run.run_qemu)(target, elf):
        found.setdefault(one.name, []).append(one)
    return found


def cost(few, many):
    return (many.length - few.length) / (many.n - few.n)


def configuration(target, name, sources):
    """{what: number}"""
    options = OPTIONS[name]
    archive = target.archived(name.replace(" ", "_") + "/libasync.a", sources,
                              options)
    found = sections(target, options, archive)
    size = objects(target, options)
    marks = found.get("marks")
    return {"flash": blinking(target, options, archive)[0],
            "task": size["task"], "loop": size["loop"],
            "yield": cost(*found["+yield"]), "wake": cost(*found["+wake"]),
            "locked": max(one.longest for name in ("+yield", "+wake")
                          for one in found[name]),
            "record": (marks[0].length - found["no marks"][0].length) /
                      marks[0].n if marks else None}


# --- Nothing of what is off --------------------------------------------------

def with_hooks(target):
    """Sources with a hook in them."""
    found = []
    for source in target.sources():
        with open(os.path.join(target.root, source)) as file:
            if HOOK.search(file.read()):
                found.append(source)
    return found


def code(target, path):
    """All that an object file has, but for the numbers of local labels."""
    listing = target.tool("objdump", "-drs", path).split("\n", 2)[2]
    return NUMBERED.sub("", listing)


def left(target, options):
    """What a library with these options has of accounting and tracing."""
    found = []
    for source in with_hooks(target):
        path = target.object(source, options)
        bare = target.object(source, [*options, *WITHOUT])
        if code(target, path) != code(target, bare):
            found.append("%s: not as it is without hooks" % source)
        found += ["%s: has %s" % (source, one) for one in
                  sorted(set(LEFT.findall(target.tool("nm", path))))]
    return found


def measure(target):
    sources = needed(target)
    return {"configurations": {name: configuration(target, name, sources)
                               for name in CONFIGURATIONS},
            "parts": {one: text(target, target.object("src/%s.c" % one,
                                                      options))
                      for one, options in OBSERVERS.items()},
            "left": left(target, QUIET) + left(target, [])}


# --- Tables ------------------------------------------------------------------

COLUMNS = (("flash", "flash"), ("task", "RAM of a task"), ("loop", "of a loop"),
           ("yield", "a yield"), ("wake", "a wake"),
           ("locked", "interrupts locked"))


def rows(parts):
    """[(configuration, {column: cell})]"""
    return [(name, {column: "%.0f" % one[key] for key, column in COLUMNS})
            for name, one in parts["configurations"].items()]


def more(parts, name, key):
    of = parts["configurations"]
    return "%.0f" % (of[name][key] - of[DEFAULT][key])


def trace_rows(parts):
    off, on = [parts["configurations"][one] for one in (DEFAULT, TRACED)]
    yield "a record, as a mark", "%.0f" % on["record"]
    for key in ("yield", "wake"):
        yield "a %s: `ASYNC_TRACE=0`" % key, "%.0f" % off[key]
        yield "a %s, traced" % key, "%.0f" % on[key]
    yield "interrupts locked at most: `ASYNC_TRACE=0`", off["locked"]
    yield "interrupts locked at most, traced", on["locked"]
    yield "flash of a firmware that blinks: more by", \
        more(parts, TRACED, "flash")


def account_rows(parts):
    for key, row in (("yield", "a yield: more by"), ("wake", "a wake"),
                     ("task", "bytes of a task"), ("loop", "bytes of a loop"),
                     ("flash", "flash of a firmware that blinks")):
        yield row, more(parts, ACCOUNTED, key)
    for one in OBSERVERS:
        if OBSERVERS[one] == ACCOUNTING and one != "account":
            yield "object file `%s`" % one, parts["parts"][one]
