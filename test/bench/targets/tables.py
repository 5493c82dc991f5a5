# SPDX-License-Identifier: MIT
"""The tables of the pages: made, compared, written.

A table is {row: {column: cell}}; a cell is text with numbers in it.
"""
import os
import re

from build import TARGETS
import footprint
from sizes import BLINKS

PAGES = ("README.md", "docs/reference/sizes.md",
         "docs/reference/interrupt-latency.md", "docs/reference/footprint.md",
         "docs/reference/account.md", "docs/reference/trace.md")
TOLERANCE = 0.03
CORE = ("core", "loop", "task", "tasks", "coroutine", "call", "scope",
        "unwind", "cancel", "close", "join", "hand", "poll", "report")
TIMERS = ("timer", "time", "ticker", "timeout")
CLOCKS = ("tick_clock", "counter_clock", "port")
COSTS = (("yield", "yield: one step of a task"),
         ("yield, 1 await deep", "... below 1 await"),
         ("yield, 16 awaits deep", "... below 16 awaits"),
         ("wake", "wake: event set, and the step of the task that waited"),
         ("sleep, 1 task", "sleep: start and end, 1 task sleeps"),
         ("sleep, 10 tasks", "sleep: start and end, 10 tasks sleep"),
         ("call", "call of a coroutine that does not pause"),
         ("queue item", "queue item, put and got by two tasks"))
README_OBJECTS = (("frame", "frame of a coroutine, beside your members"),
                  ("task", "task"), ("loop", "loop"), ("event", "event"),
                  ("try", "`ASYNC_TRY` scope"),
                  ("timeout", "`ASYNC_TIMEOUT` scope"), ("ticker", "ticker"))


def title(name):
    return TARGETS[name]["title"]


def per_target(found, rows_of):
    """A table with a column for each machine."""
    table = {}
    for name, parts in found.items():
        for row, cell in rows_of(name, parts):
            table.setdefault(row, {})[title(name)] = str(cell)
    return table


# --- The tables --------------------------------------------------------------

def flash_rows(name, parts):
    sizes = dict(parts["sizes"]["parts"])
    sizes["port"] = sizes.pop(TARGETS[name]["port"])
    known = CORE + TIMERS + CLOCKS
    for group in (CORE, TIMERS, CLOCKS, sorted(set(sizes) - set(known))):
        for one in group:
            yield "`%s`" % one, sizes[one]


def core_rows(_, parts):
    core = parts["sizes"]["core"]
    yield "default", core["default"]
    yield "`ASYNC_REPORTS=0`, `ASYNC_DIAGNOSTICS=0`", core["quiet"]


def object_rows(_, parts):
    for one, size in parts["sizes"]["objects"].items():
        yield one.replace("_", " "), size


def costs(sections):
    """{name: cost of one operation}, from a few and from many."""
    seen, found = {}, {}
    for section in sections:
        name = section.name[1:]
        if section.name.startswith("+") and name in seen:
            few = seen[name]
            found[name] = (section.length - few.length) / (section.n - few.n)
        elif section.name.startswith("+"):
            seen[name] = section
    return found


def cost_rows(_, parts):
    cost = costs(parts["run"])
    for name, text in COSTS:
        yield text, "%.0f" % cost[name]


def stack_rows(_, parts):
    measured = {one.name: one.stack for one in parts["run"]}
    for row, (size, _) in parts["stack"].items():
        yield {"to a coroutine": "from `async_run_forever` to a coroutine"}.get(
            row, "`%s`, at worst" % row if row.startswith("async_") else row
        ), size
    for depth in ("1 await", "16 awaits"):
        yield "measured: the loop and a task %s deep" % depth, \
            measured["+yield, %s deep" % depth]


def masking_rows(_, parts):
    """Longest with one waiter, and with many; what runs afterwards included."""
    longest = {}
    for section in parts["run"]:
        if not section.name.startswith("+"):
            name = re.sub(r": run$", "", section.name)  # what it wakes
            cell = longest.setdefault(name, {})
            cell[section.n] = max(cell.get(section.n, 0), section.longest)
    for name, cell in longest.items():
        yield name, ", ".join(str(cell[n]) for n in sorted(cell))


def blink_table(found):
    table = {}
    for name, parts in found.items():
        for row, _ in BLINKS:
            flash, ram = parts["sizes"]["blink"][row]
            table.setdefault(row, {})[title(name)] = "%d, %d" % (flash, ram)
    return table


def footprint_table(found):
    """A row for each configuration of each machine."""
    return {"%s: %s" % (title(name), row): cells
            for name, parts in found.items() if "footprint" in parts
            for row, cells in footprint.rows(parts["footprint"])}


def with_footprint(found, rows_of):
    return per_target({name: parts["footprint"] for name, parts in
                       found.items() if "footprint" in parts},
                      lambda _, parts: rows_of(parts))


def readme_flash(found):
    rows = blink_table({name: parts for name, parts in found.items()
                        if name in ("cortex_m0plus", "cortex_m3")})
    return {row: {column: cell.split(",")[0] for column, cell in cells.items()}
            for row, cells in rows.items()}


def readme_ram(found):
    parts = found.get("cortex_m0plus")
    if parts is None:
        return {}
    return {text: {"bytes": str(parts["sizes"]["objects"][one])}
            for one, text in README_OBJECTS}


def blocks(found):
    tables = {
        "flash": ("object file", per_target(found, flash_rows)),
        "core": ("configuration", per_target(found, core_rows)),
        "ram": ("object", per_target(found, object_rows)),
        "costs": ("operation", per_target(found, cost_rows)),
        "stack": ("call", per_target(found, stack_rows)),
        "masking": ("operation", per_target(found, masking_rows)),
        "blink": ("configuration", blink_table(found)),
        "footprint": ("configuration", footprint_table(found)),
        "trace costs": ("", with_footprint(found, footprint.trace_rows)),
        "account costs": ("", with_footprint(found, footprint.account_rows)),
        "readme flash": ("flash of a firmware that blinks",
                         readme_flash(found)),
        "readme ram": ("RAM on a 32-bit machine", readme_ram(found))}
    return {name: markdown(*one) for name, one in tables.items()}


# --- Markdown ----------------------------------------------------------------

def markdown(corner, table):
    columns = list(dict.fromkeys(column for cells in table.values()
                                 for column in cells))
    lines = ["| %s | %s |" % (corner, " | ".join(columns)),
             "|---|%s" % ("--:|" * len(columns))]
    lines += ["| %s | %s |" % (row, " | ".join(cells.get(one, "")
                                               for one in columns))
              for row, cells in table.items()]
    return "\n".join(lines) + "\n"


def parse(text):
    """{(row, column): numbers}"""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")]
             for line in text.strip().splitlines()]
    return {(line[0], column): [float(n) for n in
                                re.findall(r"\d+(?:\.\d+)?", cell)]
            for line in lines[2:]
            for column, cell in zip(lines[0][1:], line[1:]) if cell}


BLOCK = r"(?s)(<!-- measured: %s -->\n)(.*?)(<!-- end -->)"


def write(root, tables, pages=PAGES):
    for page in pages:
        path = os.path.join(root, page)
        with open(path) as file:
            text = file.read()
        for name, table in tables.items():
            text = re.sub(BLOCK % name, lambda match: match.group(1) + "\n" +
                          table + "\n" + match.group(3), text)
        with open(path, "w") as file:
            file.write(text)


def differ(stated, measured):
    return len(stated) != len(measured) or any(
        abs(a - b) > TOLERANCE * b for a, b in zip(stated, measured))


def compare(page, name, stated, measured, columns):
    """A machine is the column, or what the row begins with."""
    wrong = []
    for cell in sorted(set(stated) | set(measured)):
        if not columns & {cell[1], cell[0].split(":")[0]}:
            continue
        says, is_ = stated.get(cell, []), measured.get(cell, [])
        if differ(says, is_):
            wrong.append("%s: %s, %s, %s: the page says %s, measured %s" % (
                page, name, *cell, *[", ".join("%g" % n for n in one) or
                                     "nothing" for one in (says, is_)]))
    return wrong


def check(root, tables, names):
    """Only the cells of the machines that were measured."""
    columns = {title(name) for name in names}
    if "cortex_m0plus" in names:
        columns.add("bytes")
    wrong, seen = [], set()
    for page in PAGES:
        with open(os.path.join(root, page)) as file:
            text = file.read()
        for name, table in tables.items():
            match = re.search(BLOCK % name, text)
            if match:
                seen.add(name)
                wrong += compare(page, name, parse(match.group(2)),
                                 parse(table), columns)
    return wrong + ["no page has the table \"%s\"" % name
                    for name in tables if name not in seen]
