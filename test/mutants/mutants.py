#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Break the library on purpose, and see that a test fails.

  mutants.py [--cc CC] [--list] [--jobs N] [WORD ...]

Each mutant of mutants.txt changes one place of one source. The library is built
with it, and the unit tests run, the mutated file's own first, until one fails.
Prints a line for each mutant with the test that killed it; the exit status is 1
if one survives, or if its place is not found exactly once. With words, only
mutants whose file or description contains one of them. Builds in a temporary
directory; the sources stay as they are.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TEST = os.path.dirname(HERE)
ROOT = os.path.dirname(TEST)
FLAGS = ["-std=c11", "-g", "-O1", "-w", "-I" + os.path.join(ROOT, "include"),
         "-I" + os.path.join(ROOT, "src"), "-I" + os.path.join(TEST, "support"),
         "-I" + os.path.join(TEST, "support", "host"),
         # Parts that are off by default, so that they can be broken, too.
         "-DASYNC_ACCOUNTING=1", "-DASYNC_TRACE=1",
         "-DASYNC_TIMESTAMPS_PER_SECOND=1000000"]
TIME_LIMIT = 20  # seconds; a mutant that hangs is killed as well
# Real time, threads and signals: slow, and not what the mutants are about.
LEFT_OUT = ("posix_clock", "posix_fd", "posix_irq", "posix_sleep", "version",
            "line")


class Mutant:
    def __init__(self, path, text, old, new):
        self.path, self.text, self.old, self.new = path, text, old, new

    def mutated(self, root):
        """The source with the change; None if its place is not unique."""
        with open(os.path.join(root, self.path)) as file:
            source = file.read()
        if source.count(self.old) != 1:
            return None
        return source.replace(self.old, self.new)


def read_mutants(path):
    """Blocks of `file: description`, lines `- old` and lines `+ new`."""
    mutants = []
    with open(path) as file:
        blocks = re.split(r"\n\s*\n", file.read())
    for block in blocks:
        lines = [line for line in block.splitlines()
                 if line.strip() and not line.startswith("#")]
        if not lines:
            continue
        path_, text = lines[0].split(": ", 1)
        old = "\n".join(line[2:] for line in lines[1:] if line[0] == "-")
        new = "\n".join(line[2:] for line in lines[1:] if line[0] == "+")
        mutants.append(Mutant(path_, text, old, new))
    return mutants


def listed_sources():
    with open(os.path.join(ROOT, "CMakeLists.txt")) as file:
        text = file.read()
    names = re.findall(r"^\s+(src/\S+\.c)\)?$", text, re.M)
    return names + ["src/port/posix.c"]


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True,
                          errors="replace", **more)


def compile_one(cc, source, output):
    result = run(cc + FLAGS + ["-c", source, "-o", output])
    if result.returncode != 0:
        sys.exit("does not compile: %s\n%s" % (source, result.stderr))


class Bench:
    """Everything compiled once; a mutant costs one object and some links."""

    def __init__(self, cc, work, jobs):
        self.cc, self.work = cc, work
        self.objects = {}
        self.tests = {}
        support = [os.path.join(TEST, "support", name)
                   for name in ("reports.c", "trace.c", "host/machine.c")]
        unit = os.path.join(TEST, "unit")
        tests = sorted(name[5:-2] for name in os.listdir(unit)
                       if name.startswith("test_") and name.endswith(".c"))
        self.names = [name for name in tests if name not in LEFT_OUT]
        todo = []
        for source in listed_sources():
            self.objects[source] = self.object_of(source)
            todo.append((os.path.join(ROOT, source), self.objects[source]))
        for name in self.names:
            self.tests[name] = self.object_of("test_" + name)
            todo.append((os.path.join(unit, "test_%s.c" % name),
                         self.tests[name]))
        self.support = [self.object_of(path) for path in support]
        todo += zip(support, self.support)
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(lambda pair: compile_one(cc, *pair), todo))

    def object_of(self, name):
        return os.path.join(self.work, re.sub(r"\W", "_", name) + ".o")

    def order(self, path):
        """The mutated file's own test first, then the others."""
        own = os.path.basename(path).split(".")[0].split("_")[0]
        return sorted(self.names, key=lambda name: (not name.startswith(own),
                                                    name))

    def archive(self, work, objects):
        path = os.path.join(work, "lib.a")
        report = self.objects["src/report.c"]
        subprocess.run(["ar", "rcs", path] + objects + [report], check=True)
        return path

    def first_failure(self, work, objects, names):
        """The name of the test that fails, or None."""
        archive = self.archive(work, objects)
        for name in names:
            program = os.path.join(work, name)
            result = run(self.cc + [self.tests[name]] + self.support +
                         [archive, "-lcmocka", "-lpthread", "-o", program])
            if result.returncode != 0:
                sys.exit("does not link: %s\n%s" % (name, result.stderr))
            failed = self.failure_of(program)
            if failed is not None:
                return "%s: %s" % (name, failed)
        return None

    @staticmethod
    def failure_of(program):
        try:
            result = run([program], timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            return "does not end"
        if result.returncode == 0:
            return None
        failed = re.findall(r"\[  FAILED  \] (\w+)", result.stdout +
                            result.stderr)
        return failed[0] if failed else "ends with %d" % result.returncode

    def kill(self, mutant, number):
        """What happened: (killed, text)."""
        source = mutant.mutated(ROOT)
        if source is None:
            return False, "its place is not found exactly once"
        work = os.path.join(self.work, str(number))
        os.mkdir(work)
        changed = os.path.join(work, os.path.basename(mutant.path))
        with open(changed, "w") as file:
            file.write(source)
        objects = dict(self.objects)
        if mutant.path.endswith(".h"):
            return self.kill_in_header(mutant, work)
        objects[mutant.path] = changed[:-2] + ".o"
        compile_one(self.cc, changed, objects[mutant.path])
        return self.judge(work, [objects[name] for name in objects
                                 if name != "src/report.c"], mutant)

    def kill_in_header(self, mutant, work):
        """A header of src/: all sources are built anew against a copy."""
        copy = os.path.join(work, "src")
        subprocess.run(["cp", "-r", os.path.join(ROOT, "src"), copy],
                       check=True)
        with open(os.path.join(work, mutant.path), "w") as file:
            file.write(mutant.mutated(ROOT))
        objects = []
        for source in self.objects:
            if source != "src/report.c":
                objects.append(os.path.join(
                    work, re.sub(r"\W", "_", source) + ".o"))
                compile_one(self.cc, os.path.join(work, source), objects[-1])
        return self.judge(work, objects, mutant)

    def judge(self, work, objects, mutant):
        failure = self.first_failure(work, objects, self.order(mutant.path))
        subprocess.run(["rm", "-rf", work], check=False)
        return failure is not None, failure or "SURVIVED all unit tests"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    mutants = read_mutants(os.path.join(HERE, "mutants.txt"))
    if options.words:
        mutants = [mutant for mutant in mutants
                   if any(word in mutant.path + mutant.text
                          for word in options.words)]
    if options.list:
        for mutant in mutants:
            print("%s: %s" % (mutant.path, mutant.text))
        return 0
    survived = 0
    with tempfile.TemporaryDirectory(prefix="mutants_") as work:
        bench = Bench(options.cc.split(), work, options.jobs)
        os.mkdir(os.path.join(work, "none"))
        sound = [bench.objects[name] for name in bench.objects
                 if name != "src/report.c"]
        failure = bench.first_failure(os.path.join(work, "none"), sound,
                                      bench.names)
        if failure is not None:
            sys.exit("without any mutant a test fails: " + failure)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = pool.map(bench.kill, mutants, range(len(mutants)))
            for mutant, (killed, text) in zip(mutants, results):
                survived += not killed
                print("%-22s %-58s %s" % (os.path.basename(mutant.path),
                                          mutant.text, text), flush=True)
    print("%d mutants, %d killed, %d survived" %
          (len(mutants), len(mutants) - survived, survived))
    return 1 if survived or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
