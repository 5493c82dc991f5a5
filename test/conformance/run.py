#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""Compare what libasync and CPython's asyncio print, scenario by scenario.

    run.py [--at-least N] [--page PAGE] [--self-test] PROGRAM [SCENARIO ...]

PROGRAM is the C side. All files of this folder that have a C file of the same
name are subjects. With names only those scenarios are run, and their traces
are printed.
"""

import sys

sys.dont_write_bytecode = True

import argparse
import difflib
import importlib
import pathlib
import subprocess

import scenario

FOLDER = pathlib.Path(__file__).parent


def load_subjects():
    for file in sorted(FOLDER.glob("*.c")):
        if file.with_suffix(".py").exists():
            importlib.import_module(file.stem)


def traces_of_c(program, names):
    """{name: (reason or None, lines)}"""
    done = subprocess.run([program, *names], stdout=subprocess.PIPE, text=True,
                          timeout=60)
    traces = {}
    for line in done.stdout.splitlines():
        if line.startswith("== "):
            name = line[3:]
            assert name not in traces, f"two scenarios are called {name}"
            traces[name] = (None, [])
        elif line.startswith("differs: "):
            traces[name] = (line[9:], [])
        else:
            traces[name][1].append(line)
    if done.returncode != 0:
        sys.exit(f"{program} ended with {done.returncode}, in {[*traces][-1:]}")
    return traces


def trace_of_python(s):
    """None where this Python is too old to run it."""
    return scenario.run(s) if sys.version_info >= s.since else None


def difference(expected, got, *titles):
    return list(difflib.unified_diff(expected, got, *titles, n=30, lineterm=""))


def problems_of(s, python, c):
    """What is wrong with one scenario, as lines; python is None if not run."""
    reason, here = c
    if reason != s.differs:
        return [f"Python: differs={s.differs!r}, C: {reason!r}"]
    if python is None and s.python is None:
        return [f"needs Python {s.since}, and its trace is not given"]
    if s.differs and (s.python is None or s.here is None):
        return ["differs, and not both traces are given"]
    if s.differs and s.python == s.here:
        return ["is said to differ, and the traces given are equal"]
    lines = []
    if python is not None and s.python is not None:
        lines += difference(s.python, python, "Python, expected", "Python")
    if python is None:
        python = s.python
    expected = s.here if s.differs else python
    title = "libasync, expected" if s.differs else "Python"
    return lines + difference(expected, here, title, "libasync")


def compare(scenarios, pythons, traces):
    """{name: what is wrong}"""
    problems = {}
    for name, s in scenarios.items():
        problem = (problems_of(s, pythons[name], traces[name])
                   if name in traces else ["is missing on the C side"])
        if problem:
            problems[name] = problem
    for name in traces.keys() - scenarios.keys():
        problems[name] = ["is missing on the Python side"]
    return problems


def not_on_page(scenarios, page):
    """Differences on purpose that a page does not name."""
    return [name for name, s in scenarios.items()
            if s.differs and f"`{name}`" not in page]


def self_test(scenarios, pythons, traces):
    """True if each kind of difference is found, in scenarios without any."""
    wrong = compare(scenarios, pythons, traces)
    scenarios = {n: s for n, s in scenarios.items() if n not in wrong}
    traces = {n: trace for n, trace in traces.items() if n not in wrong}

    def finds(name, traces=traces, scenarios=scenarios):
        return [*compare(scenarios, pythons, traces)] == [name]

    def with_lines(name, change):
        reason, lines = traces[name]
        return {**traces, name: (reason, change(list(lines)))}

    def without(items, name):
        return {key: value for key, value in items.items() if key != name}

    def flip(lines):
        return [lines[0] + "!", *lines[1:]]

    agrees = next(s.name for s in scenarios.values() if not s.differs)
    differs = next(s.name for s in scenarios.values() if s.differs)
    checks = {
        "nothing wrong": scenarios and not compare(scenarios, pythons, traces),
        "a line differs": finds(agrees, with_lines(agrees, flip)),
        "a line is missing": finds(agrees, with_lines(agrees, lambda l: l[1:])),
        "a time differs": finds(agrees, with_lines(
            agrees, lambda l: l[:-1] + ["99999" + l[-1][5:]])),
        "an expected line differs": finds(differs, with_lines(differs, flip)),
        "a reason is missing": finds(
            differs, {**traces, differs: (None, traces[differs][1])}),
        "a reason too many": finds(
            agrees, {**traces, agrees: ("why not", traces[agrees][1])}),
        "missing in C": finds(agrees, without(traces, agrees)),
        "missing in Python": finds(
            agrees, scenarios=without(scenarios, agrees)),
        "a difference that the page does not name": not_on_page(
            scenarios, "") == [s.name for s in scenarios.values() if s.differs],
    }
    for check, works in checks.items():
        print(f"{'ok' if works else 'NOT FOUND'}: {check}")
    return all(checks.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--at-least", type=int, default=0,
                        help="fail if there are fewer scenarios")
    parser.add_argument("--page", type=pathlib.Path,
                        help="it is to name all that differ on purpose")
    parser.add_argument("--self-test", action="store_true",
                        help="show that the comparison can fail")
    parser.add_argument("program")
    parser.add_argument("names", nargs="*", metavar="scenario")
    arguments = parser.parse_args()

    load_subjects()
    scenarios = {name: s for name, s in scenario.scenarios.items()
                 if not arguments.names or name in arguments.names}
    pythons = {name: trace_of_python(s) for name, s in scenarios.items()}
    traces = traces_of_c(arguments.program, arguments.names)
    if arguments.self_test:
        sys.exit(not self_test(scenarios, pythons, traces))

    problems = compare(scenarios, pythons, traces)
    if arguments.page:
        for name in not_on_page(scenarios, arguments.page.read_text()):
            problems.setdefault(name, [f"is not in {arguments.page}"])
    for name, lines in problems.items():
        print(f"== {name}", *lines, sep="\n")
    for name in arguments.names:
        print(f"== {name}: Python", *(pythons[name] or ["not run"]), sep="\n")
        print(f"== {name}: libasync", *traces[name][1], sep="\n")
    agree = len(scenarios) - len(problems.keys() & scenarios.keys())
    print(f"conformance: {agree} scenarios agree", end="")
    print(f", {len(problems)} do not" if problems else "")
    if len(scenarios) < arguments.at_least:
        sys.exit(f"there are to be at least {arguments.at_least}")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
