# SPDX-License-Identifier: MIT
"""On this PC: instructions, counted by callgrind; nanoseconds; memory."""
import os
import re
import shutil
import subprocess

from build import Missing, call, sources

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = ["-O2", "-fno-lto"]
C, CPP = ["-std=c11", "-D_GNU_SOURCE"], ["-std=c++20"]
CALLGRIND = ["valgrind", "--tool=callgrind",
             "--callgrind-out-file=/dev/null"]

# name: (compiler, source, options)
CONTESTANTS = {
    "libasync": ("gcc", "libasync.c", C),
    "floor": ("gcc", "floor.c", C),
    "C++20, g++": ("g++", "cpp20.cpp", CPP),
    "C++20, clang++": ("clang++", "cpp20.cpp", CPP),
    "ucontext": ("gcc", "ucontext.c", C),
}
MANY_TASKS = ("libasync", "floor", "C++20, g++")

DEPTHS = [("depth", n) for n in (1, 4, 16)]
RUNS = ([("yield", n) for n in (2, 100, 10000)] + DEPTHS + [("ping", 2)] +
        [("wake", n) for n in (10, 1000, 100000)] +
        [("sleep", n) for n in (10, 1000, 100000)] +
        [("queue", 2), ("bulk", 2), ("call", 1)] +
        [("limit", n) for n in (1, 10, 1000)] + [("cancel", 1)])
NUMBERS = (10, 1000, 100000, 1000000)
SCALE = [(name, n) for name in ("yield", "spawn") for n in NUMBERS]
CANNOT = 3 # status

# What seeing inside costs: each of these runs, with options.
FOOTPRINT = [("yield", 100), ("wake", 1000)]
DEFAULT = "reports"
FOOTPRINTS = {"everything off": ["-DASYNC_REPORTS=0", "-DASYNC_DIAGNOSTICS=0"],
              DEFAULT: [],
              "reports, accounting": ["-DASYNC_ACCOUNTING=1"],
              "reports, trace": ["-DASYNC_TRACE=1"],
              "reports, both": ["-DASYNC_ACCOUNTING=1", "-DASYNC_TRACE=1"]}


def lengths(name, n):
    """Operations of a short and of a long run; multiples of n."""
    unit = 1 if name == "depth" else n # which is no number of tasks
    # The timers need a while until their order is what it stays.
    few = -(-2000 // unit) * unit * (2 if name == "sleep" else 1)
    return few, few + -(-10000 // unit) * unit


class Contestant:
    def __init__(self, name, root, folder, options=(), compiler=None,
                 parts=None):
        """`parts`: only these sources of the library."""
        default, source, flags = CONTESTANTS[name]
        self.name, self.compiler = name, compiler or default
        c_compiler = compiler or "gcc"
        for tool in (self.compiler, c_compiler, "valgrind"):
            if shutil.which(tool) is None:
                raise Missing(tool)
        self.folder = os.path.join(folder, re.sub(r"\W", "_", name))
        os.makedirs(self.folder, exist_ok=True)
        self.options = ["-I" + os.path.join(root, one)
                        for one in ("include", "src")] + list(options)
        objects = [self.compile(c_compiler, C, os.path.join(HERE,
                                                            "main_host.c")),
                   self.compile(self.compiler, flags, os.path.join(HERE,
                                                                   source))]
        if name == "libasync":
            objects.append(self.library(c_compiler, root, parts or
                                        sources(root, "posix")))
        self.program = os.path.join(self.folder, "bench")
        call([self.compiler, *objects, "-o", self.program,
              "-Wl,-Map=%s.map" % self.program])

    def compile(self, compiler, flags, source):
        output = os.path.join(self.folder, os.path.basename(source) + ".o")
        call([compiler, *FLAGS, *flags, *self.options, "-c", source, "-o",
              output])
        return output

    def library(self, compiler, root, parts):
        archive = os.path.join(self.folder, "libasync.a")
        call(["ar", "rcs", archive,
              *[self.compile(compiler, C, os.path.join(root, one))
                for one in parts]])
        return archive

    def linked(self, parts):
        """Those of the library's sources that it needs."""
        with open(self.program + ".map") as file:
            names = set(re.findall(r"libasync\.a\((\w+)\.c\.o\)",
                                   file.read()))
        return [one for one in parts
                if os.path.basename(one)[:-2] in names]

    def run(self, words, before=()):
        """(what it printed, what valgrind says); None if it cannot."""
        done = subprocess.run([*before, self.program, *map(str, words)],
                              capture_output=True, text=True, timeout=200)
        if done.returncode == CANNOT:
            return None
        if done.returncode != 0:
            raise RuntimeError("%s %s: %s" % (self.name, words, done.stderr))
        return done.stdout, done.stderr

    def instructions(self, name, n):
        """([what it returned], instructions of an operation), or None."""
        results, counts = [], []
        few, many = lengths(name, n)
        for operations in (few, many):
            got = self.run([name, n, operations], CALLGRIND)
            if got is None:
                return None
            results.append(got[0].strip())
            counts.append(int(re.search(r"Collected : (\d+)",
                                        got[1]).group(1)))
        return results, (counts[1] - counts[0]) / (many - few)

    def ns(self, name, n):
        few, many = lengths(name, n)
        # Many, or what the others on the machine do would be all that counts.
        many = few + (20 * (many - few) if n < 100000 else 4 * n)
        got = self.run([name, n, few, many])
        return None if got is None else float(got[0])

    def memory(self, name, n):
        """Bytes of a task: what is resident with n of them, without what is
        with a few."""
        few, many = [int(self.run(["memory", name, one])[0])
                     for one in (10, n)]
        return 1024 * (many - few) / n


def build(names, root, folder, pool, options=()):
    """[Contestant]; those whose compiler is missing are left out, but not
    the first."""
    def one(name):
        try:
            return Contestant(name, root, folder, options)
        except Missing:
            if name == names[0]:
                raise
            return None
    return [one for one in pool.map(one, names) if one]


def build_footprints(default, root, folder, pool):
    """[Contestant], whose names are the configurations, all but the default:
    that one tells the sources that are needed."""
    parts = default.linked(sources(root, "posix")) + \
        ["src/account.c", "src/tasks.c", "src/trace.c"]

    def one(title):
        made = Contestant("libasync", root,
                          os.path.join(folder, re.sub(r"\W", "_", title)),
                          FOOTPRINTS[title], parts=parts)
        made.name = title
        return made
    return list(pool.map(one, [one for one in FOOTPRINTS if one != DEFAULT]))


def count(contestants, runs, pool):
    """{contestant: {(workload, n): ([what it returned], instructions)}}"""
    # The longest first, so that no one waits for a single one at the end.
    jobs = {(one.name, run): pool.submit(one.instructions, *run)
            for run in sorted(runs, key=lambda run: -run[1])
            for one in contestants}
    found = {}
    for (name, run), job in jobs.items():
        got = job.result()
        if got:
            found.setdefault(name, {})[run] = got
    return found
