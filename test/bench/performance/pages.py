# SPDX-License-Identifier: MIT
"""The tables of docs/reference/performance.md, and one of footprint.md: made,
compared."""
import os
import re

import tables

PAGES = ("docs/reference/performance.md", "docs/reference/footprint.md")
OURS, FLOOR, RATIO = "libasync", "floor", "to the floor"
NONE = "-"

ROWS = {"yield": "yield: one step, {n} tasks",
        "depth": "the same, one task, below {n} awaits",
        "ping": "two tasks answer each other: a round trip",
        "wake": "wake one of {n} tasks",
        "sleep": "end of a sleep, {n} tasks sleep",
        "queue": "queue of 16: an item",
        "bulk": "queue of 16: an item of 16 at once",
        "call": "await what does not pause",
        "limit": "wake one of {n} tasks, limit on the wait",
        "cancel": "spawn, cancel, clean up three frames",
        "spawn": "spawn and end, {n} tasks"}


def row(run):
    name, n = run
    text = ROWS[name].format(n="{:,}".format(n).replace(",", " "))
    return re.sub(r"\b1 (await|task)s\b", r"1 \1", text)


def in_order(runs):
    return sorted(runs, key=lambda run: (list(ROWS).index(run[0]), run[1]))


def table(found, names, runs, form="%.1f"):
    """{row: {column: cell}} of {contestant: {run: number}}."""
    made = {}
    for run in runs:
        cells = made[row(run)] = {}
        for name in names:
            number = found.get(name, {}).get(run)
            cells[name] = NONE if number is None else form % number
            floor = found.get(FLOOR, {}).get(run)
            if name == OURS and FLOOR in names:
                cells[RATIO] = "%.2f" % (number / floor) \
                    if number and floor else NONE
    return made


def numbers(counted):
    return {name: {run: cost for run, (_, cost) in runs.items()}
            for name, runs in counted.items()}


def disagreements(counted):
    """Contestants that have not done the same work."""
    wrong = []
    for run in {run for runs in counted.values() for run in runs}:
        results = {name: runs[run][0] for name, runs in counted.items()
                   if run in runs}
        if len({tuple(one) for one in results.values()}) > 1:
            wrong.append("%s %d: not the same work: %s" % (*run, results))
    return wrong


# --- Compare ------------------------------------------------------------------

def ours(text):
    """{(row, column): number} of libasync; it is in all columns of a table that
    has none of its name."""
    cells = tables.parse(text)
    named = any(column == OURS for _, column in cells)
    return {one: cell[0] for one, cell in cells.items()
            if cell and (one[1] == OURS or not named)}


def compare(name, stated, measured):
    wrong = []
    for one in sorted(set(stated) | set(measured)):
        says, is_ = stated.get(one), measured.get(one)
        if says is None or is_ is None:
            wrong.append("%s: %s, %s: the page says %s, measured %s"
                         % (name, *one, says, is_))
        elif tables.differ([says], [is_]):
            wrong.append("%s: %s, %s: %s: %g, and %g on the page (%+.1f %%)"
                         % (name, *one, "WORSE" if is_ > says else "better",
                            is_, says, 100 * (is_ / says - 1)))
    return wrong


def block(text, name):
    match = re.search(tables.BLOCK % name, text)
    return match.group(2) if match else ""


def check(text, blocks):
    """Only what libasync costs, and no times."""
    return [one for name, table in blocks.items()
            for one in compare(name, ours(block(text, name)), ours(table))]


def read(root):
    text = ""
    for page in PAGES:
        with open(os.path.join(root, page)) as file:
            text += file.read()
    return text
