#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the gdb commands, and compare what they print.

  check_gdb.py [--gdb GDB] [--dump ADDRESS SIZE] [--emulator COMMAND]
               live|core|ram PROGRAM SOURCE EXPECTED
  check_gdb.py page PROGRAM PAGE

A file EXPECTED has "(gdb) COMMAND" lines, and below each what it prints. The
program is looked at when it comes to stop_here():

  live   in gdb, or in an emulator through its gdb stub (--emulator)
  core   in a core file that gdb writes there
  ram    in what is in its memory there (--dump), without a process

Places are computed: (stuck.c:@word) is the line of SOURCE with the comment
/* word */ at its end, and lines in the library are not compared. Nor are
addresses and the width of columns.

The second form runs all the commands in the blocks of a page of the
documentation that have <!-- gdb --> in front, in one session. There only
addresses may differ, and a line "..." leaves lines out.

The exit status is 0 if all is as expected.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "../../src/gdb/async-gdb.py")
TOOLS = os.path.join(HERE, "../../src/trace")
BEGIN = "@@@ "  # before the output of a command


def run_gdb(gdb, commands, arguments, work):
    path = os.path.join(work, "commands")
    with open(path, "w") as file:
        file.write("set pagination off\nset width 0\nset confirm off\n"
                   "set debuginfod enabled off\nsource %s\n" % SCRIPT)
        file.write("\n".join(commands) + "\n")
    # A command that fails must not end the session.
    path_to_tools = os.pathsep.join([TOOLS, os.environ.get("PATH", "")])
    done = subprocess.run(
        [gdb, "-nx", "-q", "-batch"] + arguments + ["-ex", "source " + path],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=work,
        env=dict(os.environ, PATH=path_to_tools),
        stderr=subprocess.STDOUT, universal_newlines=True, timeout=60)
    return done.stdout


def read(path):
    with open(path) as file:
        return file.read()


def read_expected(text):
    """[(command, lines)]"""
    blocks = []
    for line in text.split("\n"):
        if line.startswith("(gdb) "):
            blocks.append((line[6:], []))
        elif blocks and line:
            blocks[-1][1].append(line)
    return blocks


def asking(blocks):
    """Commands that print a mark, and then what the command prints, or says
    is wrong."""
    found = []
    for command, _ in blocks:
        found += ["echo \\n%s%s\\n" % (BEGIN, command), "python", "try:",
                  "    gdb.execute(%r)" % command,
                  "except gdb.error as error:", "    print(error)", "end"]
    return found + ["echo \\n%s\\n" % BEGIN]


def answers(output):
    """[lines] for each command."""
    parts = output.split("\n" + BEGIN)[1:-1]
    return [[line for line in part.split("\n")[1:] if line.strip()]
            for part in parts]


def marks(source):
    """{word: line number} of the comments of one word."""
    found = {}
    for number, line in enumerate(read(source).split("\n"), 1):
        word = re.search(r"/\* (\w+) \*/$", line)
        if word:
            found[word.group(1)] = str(number)
    return found


def normal(line, source):
    own = re.escape(os.path.basename(source))
    line = re.sub(r"0x[0-9a-f]+", "0x#", line)
    line = re.sub(r"\((?!%s)([\w.]+):\d+\)" % own, r"(\1)", line)
    return re.sub(r"(?<=\S) {2,}", "  ", line.rstrip())


def placed(line, words):
    return re.sub(r"@(\w+)", lambda word: words.get(word.group(1),
                                                    word.group(0)), line)


def compare(expected, output, source):
    """The differences, as lines."""
    words, found = marks(source), answers(output)
    wanted, got = [], []
    for (command, lines), printed in zip(expected, found):
        wanted += ["(gdb) " + command] + [placed(line, words)
                                          for line in lines]
        got += ["(gdb) " + command] + printed
    if len(found) != len(expected):
        return output.split("\n") + ["gdb did not come to its end"]
    wanted = [normal(line, source) for line in wanted]
    got = [normal(line, source) for line in got]
    return list(difflib.unified_diff(wanted, got, "expected", "printed",
                                     lineterm=""))


def shown(expected, output, source):
    """The output as a file EXPECTED."""
    words = {line: word for word, line in marks(source).items()}
    place = re.compile(r"(%s:|, line )(\d+)" % re.escape(
        os.path.basename(source)))
    for (command, _), lines in zip(expected, answers(output)):
        yield "(gdb) " + command
        for line in lines:
            yield normal(place.sub(
                lambda found: found.group(1) + (
                    "@" + words[found.group(2)]
                    if found.group(2) in words else found.group(2)),
                line), source)


def to_the_stop(arguments):
    """From the beginning to stop_here()."""
    start = ["run > /dev/null"]
    if arguments.emulator:
        start = ["target remote | exec %s %s -S -gdb stdio"
                 % (arguments.emulator, arguments.program), "continue"]
    # The pipe is there only after "target remote".
    return start[:-1] + ["tbreak stop_here"] + start[-1:]


def session(arguments, expected, work):
    asks, program = asking(expected), [arguments.program]
    if arguments.mode == "live":
        return run_gdb(arguments.gdb, to_the_stop(arguments) + asks, program,
                       work)
    kept = os.path.join(work, "memory")
    look = [arguments.program, kept]
    save = ["generate-core-file " + kept]
    if arguments.mode == "ram":
        address, size = arguments.dump
        save = ["dump binary memory %s %s %s+%s" % (kept, address, address,
                                                    size)]
        asks, look = ["async ram %s %s" % (kept, address)] + asks, program
    run_gdb(arguments.gdb, to_the_stop(arguments) + save + ["kill"], program,
            work)
    return run_gdb(arguments.gdb, asks, look, work)


# --- Pages of the documentation ----------------------------------------------


def blocks_of(page):
    return "\n".join(re.findall(r"(?ms)^<!-- gdb -->\n```text\n(.*?)^```$",
                                read(page)))


def fits(wanted, printed):
    """True if that is what was printed, apart from addresses."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else
        re.sub("0x[0-9a-f]+", "0x[0-9a-f]+", re.escape(line)) + r"\s*\n"
        for line in wanted)
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed))


def check_page(arguments, work):
    """In a folder that has the program, under the name of its example."""
    name = os.path.basename(arguments.program).replace("example_", "", 1)
    os.symlink(os.path.abspath(arguments.program), os.path.join(work, name))
    expected = read_expected(blocks_of(arguments.source))
    output = run_gdb(arguments.gdb, asking(expected), [arguments.program],
                     work)
    found = answers(output)
    if not expected or len(found) != len(expected):
        return output.split("\n") + ["gdb did not come to its end"]
    differences = []
    for (command, wanted), printed in zip(expected, found):
        if not fits(wanted, printed):
            differences += ["(gdb) " + command + ": the page says"] + wanted
            differences += ["and gdb"] + printed
    return differences


# --- All ----------------------------------------------------------------------


def check_program(arguments, work):
    expected = read_expected(read(arguments.expected))
    output = session(arguments, expected, work)
    if arguments.show:
        print("\n".join(shown(expected, output, arguments.source)))
        return []
    return compare(expected, output, arguments.source)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gdb", default="gdb")
    parser.add_argument("--dump", nargs=2)
    parser.add_argument("--emulator")
    parser.add_argument("--show", action="store_true",
                        help="print what EXPECTED could be")
    parser.add_argument("mode", choices=["live", "core", "ram", "page"])
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("expected", nargs="?")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        check = check_page if arguments.mode == "page" else check_program
        differences = check(arguments, work)
    print("\n".join(differences))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
