#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check the documentation against the library: docs/contributing.md has the
rules.

  check_docs.py [--self-test] --cc CC [--cflags FLAGS] [--library LIB] [ROOT]

Without --library the library is built from the sources first. Prints one line
for each thing that is wrong; the exit status is 1 if there is any.
"""
import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

WARNINGS = ("-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow "
            "-Werror").split()
DIRECTIVE = re.compile(r"^\s*<!--\s*(from|output|fragment|statements|program|"
                       r"refused|warned|says|cmocka|expansion)\b"
                       r"(?: of\b|:)?\s*(.*?)\s*-->\s*$")
# What a block of statements stands in.
STATEMENTS = """#include <async/async.h>
#include <stdio.h>
struct example_frame_ { ASYNC_FRAME; int result; %(frame)s };
ASYNC_DECLARE(example_frame_);
ASYNC(example_frame_)
{
    ASYNC_BEGIN();
%(text)s
    ASYNC_END();
}
"""


class Block:
    def __init__(self, page, line, language, directive, argument):
        self.page, self.line, self.language = page, line, language
        self.directive, self.argument = directive, argument
        self.text = ""

    def __str__(self):
        return "%s:%d" % (self.page, self.line)


class Checker:
    def __init__(self, root, cc, cflags, library):
        self.root, self.cc, self.library = root, cc, library
        self.cflags = cflags + ["-I" + os.path.join(root, "include")]
        self.work = tempfile.mkdtemp(prefix="check_docs_")
        self.problems = []
        self.outputs = {}
        self.count = {}
        version = subprocess.run(cc + ["--version"], capture_output=True,
                                 text=True).stdout
        self.compiler = "clang" if "clang" in version else "gcc"

    def problem(self, where, what):
        self.problems.append("%s: %s" % (where, what))

    def done(self, what):
        self.count[what] = self.count.get(what, 0) + 1

    # --- Pages and blocks -------------------------------------------------

    def pages(self):
        found = [os.path.join(self.root, "README.md")]
        for folder, _, names in sorted(os.walk(os.path.join(self.root,
                                                            "docs"))):
            found += [os.path.join(folder, name) for name in sorted(names)
                      if name.endswith(".md")]
        return [page for page in found if os.path.exists(page)]

    def blocks(self, page, text):
        shown = os.path.relpath(page, self.root)
        block, directive, fence = None, (None, ""), None
        for number, line in enumerate(text.split("\n"), 1):
            opened = re.match(r"^(\s*)(```+)(\w*)\s*$", line)
            if block is not None:
                if line.strip() == fence:
                    yield block
                    block, directive = None, (None, "")
                else:
                    block.text += line + "\n"
            elif opened:
                fence = opened.group(2)
                block = Block(shown, number, opened.group(3), *directive)
            elif DIRECTIVE.match(line):
                directive = DIRECTIVE.match(line).groups()
            elif line.strip():
                if directive[0]:
                    self.problem("%s:%d" % (shown, number),
                                 "a directive without a code block below it")
                directive = (None, "")
        if block is not None:
            self.problem(block, "the code block is not closed")

    # --- Compiler ---------------------------------------------------------

    def compile(self, source, output, extra):
        command = self.cc + self.cflags + extra + [source, "-o", output]
        if output.endswith(".o"):
            command.insert(len(self.cc), "-c")
        else:
            command += [self.library]
        environment = dict(os.environ, LC_ALL="C")
        return subprocess.run(command, capture_output=True, text=True,
                              env=environment)

    def compile_text(self, text, warnings=None):
        source = os.path.join(self.work, "block.c")
        with open(source, "w") as file:
            file.write(text)
        extra = WARNINGS + ["-fsyntax-only"] if warnings is None else warnings
        return self.compile(source, os.path.join(self.work, "block.o"), extra)

    def must_compile(self, block, text):
        result = self.compile_text(text)
        if result.returncode != 0:
            self.problem(block, "does not compile:\n" + result.stderr)

    def build_library(self):
        sources = [os.path.join(self.root, "src", name)
                   for name in sorted(os.listdir(os.path.join(self.root,
                                                              "src")))
                   if name.endswith(".c")]
        sources.append(os.path.join(self.root, "src", "port", "posix.c"))
        objects = []
        for source in sources:
            objects.append(os.path.join(
                self.work, os.path.basename(source)[:-2] + "_lib.o"))
            self.compile(source, objects[-1], ["-std=c11"]).check_returncode()
        self.library = os.path.join(self.work, "libasync.a")
        subprocess.run(["ar", "rcs", self.library] + objects, check=True)

    def run_source(self, source):
        """What a program prints; None, with a problem, if it fails."""
        program = os.path.join(self.work, "program")
        result = self.compile(source, program, WARNINGS)
        shown = os.path.relpath(source, self.root)
        if result.returncode != 0:
            self.problem(shown, "does not compile:\n" + result.stderr)
            return None
        run = subprocess.run([program], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, timeout=30)
        if run.returncode != 0:
            self.problem(shown, "ended with status %d" % run.returncode)
        # What goes to stderr comes last, whatever stdio's buffers do.
        return run.stdout + run.stderr

    # --- One kind of block each --------------------------------------------

    def example(self, block, path):
        full = os.path.join(self.root, path)
        if not os.path.isfile(full):
            self.problem(block, "there is no file " + path)
            return None
        return full

    @staticmethod
    def plain(text):
        """Lines without indentation, and without the space that some versions
        of clang-format put behind ASYNC_TRY."""
        return [re.sub(r"\b([A-Z_]+) \(", r"\1(", line.strip())
                for line in text.split("\n")]

    def check_from(self, block):
        full = self.example(block, block.argument)
        if full is None:
            return
        with open(full) as file:
            lines = self.plain(file.read())
        # A line "..." stands for any number of lines that are left out.
        at = 0
        for part in re.split(r"(?m)^\s*(?:/\* )?\.\.\.(?: \*/)?\s*$",
                             block.text.strip("\n")):
            wanted = self.plain(part.strip("\n"))
            places = [i for i in range(at, len(lines) - len(wanted) + 1)
                      if lines[i:i + len(wanted)] == wanted]
            if not places:
                self.problem(block, "is not in %s as it stands here"
                             % block.argument)
                return
            at = places[0] + len(wanted)
        self.done("quotations")

    def same_output(self, wanted, got):
        pattern = ""
        for line in wanted.strip("\n").split("\n"):
            if line.strip() == "...":
                pattern += r"(?:.*\n)*?"
            else:
                line = re.sub(r"0x[0-9a-f.]+", "0xADDRESS", line.rstrip())
                pattern += re.escape(line).replace("0xADDRESS",
                                                   "0x[0-9a-f]+") + r"\n"
        return re.fullmatch(pattern, got.rstrip("\n") + "\n") is not None

    def check_output(self, block):
        full = self.example(block, block.argument)
        if full is None:
            return
        # A busy machine can disturb a program that sleeps: it gets two more
        # chances.
        for _ in range(3):
            if full not in self.outputs:
                self.outputs[full] = self.run_source(full)
            got = self.outputs[full]
            if got is None:
                return
            if self.same_output(block.text, got):
                self.done("outputs")
                return
            del self.outputs[full]
        self.problem(block, "%s prints something else:\n%s"
                     % (block.argument, got))

    def check_refused(self, block):
        # Always with -Wall, so that clang looks, and optimised, so that gcc
        # looks; what the page says about flags is in test/compile_fail.
        result = self.compile_text("#include <async/async.h>\n"
                                   "#include <stdio.h>\n" + block.text,
                                   ["-std=c11", "-Wall", "-O1"])
        fails = result.returncode != 0
        if fails != (block.directive == "refused"):
            self.problem(block, "the compiler %s it"
                         % ("refuses" if fails else "accepts"))
        self.done("mistakes")
        return result.stderr

    def check_says(self, block, said):
        """Lines "gcc: ..." and "clang: ..." must be in the compiler's words."""
        if said is None:
            self.problem(block, "no refused or warned block above it")
            return
        seen = set()
        for line in block.text.strip("\n").split("\n"):
            compiler, _, words = line.partition(": ")
            seen.add(compiler)
            if compiler not in ("gcc", "clang"):
                self.problem(block, "a line must begin with gcc: or clang:")
            elif compiler == self.compiler and not re.search(
                    re.escape(words).replace(r"\.\.\.", ".*"), said):
                self.problem(block, "%s does not say \"%s\" but:\n%s"
                             % (compiler, words, said))
        self.done("messages")

    def check_c(self, block):
        kind = block.directive
        if kind == "from":
            self.check_from(block)
        elif kind == "expansion":
            return
        elif kind == "fragment":
            self.must_compile(block, "#include <async/async.h>\n"
                              "#include <stdio.h>\n" + block.text)
            self.done("fragments")
        elif kind == "statements":
            self.must_compile(block, STATEMENTS % {"frame": block.argument,
                                                   "text": block.text})
            self.done("fragments")
        elif kind == "cmocka":
            if self.has_cmocka():
                self.must_compile(block, block.text)
                self.done("fragments")
        elif kind is None or kind == "program":
            self.must_compile(block, block.text)
            self.done("programs")
        else:
            self.problem(block, "a C block cannot be \"%s\"" % kind)

    def has_cmocka(self):
        return self.compile_text(
            "#include <stdarg.h>\n#include <stddef.h>\n#include <setjmp.h>\n"
            "#include <stdint.h>\n#include <cmocka.h>\n").returncode == 0

    def check_blocks(self, page, text):
        said = None
        for block in self.blocks(page, text):
            if block.directive in ("refused", "warned"):
                said = self.check_refused(block)
                continue
            if block.directive == "says":
                self.check_says(block, said)
            elif block.directive == "output":
                self.check_output(block)
            elif block.language == "c":
                self.check_c(block)
            elif block.language == "sh" and block.page == "README.md":
                self.check_commands(block)
            said = None

    # --- The rest of a page -------------------------------------------------

    def check_commands(self, block):
        """README's commands are those that the project itself runs."""
        used = ""
        for name in ("test/run.sh", ".ci/run", "CMakeLists.txt"):
            path = os.path.join(self.root, name)
            if os.path.isfile(path):
                with open(path) as file:
                    used += file.read()
        used = " ".join(used.replace("\\\n", " ").split())
        for line in block.text.strip("\n").split("\n"):
            command = " ".join(line.split("#")[0].split())
            script = re.fullmatch(r"sh (\S+)", command)
            known = command in used or (script and os.path.isfile(
                os.path.join(self.root, script.group(1))))
            if command and not known:
                self.problem(block, "nothing in test/run.sh or .ci/run runs "
                             "\"%s\"" % command)
        self.done("commands")

    @staticmethod
    def anchors(text):
        text = re.sub(r"(?ms)^\s*```.*?^\s*```\s*$", "", text)
        for heading in re.findall(r"(?m)^#+\s+(.*?)\s*$", text):
            heading = re.sub(r"[^\w\- ]", "", heading.lower())
            yield heading.replace(" ", "-")

    def check_links(self, page, text):
        shown = os.path.relpath(page, self.root)
        prose = re.sub(r"(?ms)^\s*```.*?^\s*```\s*$", "", text)
        prose = re.sub(r"`[^`\n]*`", "", prose)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            full = os.path.normpath(os.path.join(os.path.dirname(page), path))
            if not os.path.exists(full):
                self.problem(shown, "the link to %s leads nowhere" % target)
            elif anchor and (not path or full.endswith(".md")):
                there = text
                if path:
                    with open(full) as file:
                        there = file.read()
                if anchor not in self.anchors(there):
                    self.problem(shown, "%s has no heading for the link %s"
                                 % (path or shown, target))
            self.done("links")

    # --- Reference pages are complete ---------------------------------------

    PAGE_OF = {"config": "configuration", "error": "errors"}

    @staticmethod
    def public_part(header):
        header = re.split(r"/\* --- (?:Private part|The port contract)",
                          header)[0]
        return re.sub(r"(?s)/\*.*?\*/", "", header)

    @staticmethod
    def only_public(names):
        return sorted({name for name in names
                       if not name.endswith("_") and not name.endswith("_H")})

    @classmethod
    def calls(cls, header):
        header = cls.public_part(header)
        names = re.findall(r"(?m)^\s*#define\s+(\w+)", header)
        names += re.findall(r"\b(async_\w+)\s*\((?!\*)", header)
        names += re.findall(r"\bASYNC_DECLARE\((async_\w+)\)", header)
        return cls.only_public(names)

    @classmethod
    def public_names(cls, header):
        names = cls.calls(header)
        header = cls.public_part(header)
        names += re.findall(r"\b(async_\w+_t);", header)
        names += re.findall(r"\}\s*(async_\w+_t);", header)
        for body in re.findall(r"(?s)enum\s+\w+\s*\{(.*?)\}", header):
            names += re.findall(r"\b(ASYNC_\w+)\b", body)
        return cls.only_public(names)

    def headers(self):
        folder = os.path.join(self.root, "include", "async")
        ports = ["port/" + name
                 for name in sorted(os.listdir(os.path.join(folder, "port")))]
        for name in sorted(os.listdir(folder)) + ports:
            if name.endswith(".h") and name != "async.h":
                with open(os.path.join(folder, name)) as file:
                    yield name, file.read()

    def check_reference(self):
        for name, header in self.headers():
            names = self.public_names(header)
            stem = os.path.basename(name)[:-2]
            page = os.path.join(self.root, "docs", "reference",
                                self.PAGE_OF.get(stem, stem) + ".md")
            if not names:
                continue
            if not os.path.isfile(page):
                self.problem("include/async/" + name, "has no reference page")
                continue
            with open(page) as file:
                text = file.read()
            for public in names:
                if not re.search(r"\b%s\b" % public, text):
                    self.problem(os.path.relpath(page, self.root),
                                 "does not mention " + public)
                self.done("names")

    # --- The cheatsheet has every call, and nothing else ---------------------

    CHEATSHEET = os.path.join("docs", "reference", "cheatsheet.md")

    def check_cheatsheet(self, text):
        known, called = set(), set()
        for name, header in self.headers():
            known.update(self.public_names(header))
            if name not in ("config.h", "version.h"):
                called.update(name for name in self.calls(header)
                              if not name.endswith("_t"))
        called.discard("ASYNC_PORT_THREAD_LOCAL")
        found = set(re.findall(r"\b(?:async|ASYNC|AWAIT)(?:_\w+)?\b", text))
        for name in sorted(called - found):
            self.problem(self.CHEATSHEET, "does not have " + name)
        for name in sorted(found - known - {"async"}):
            self.problem(self.CHEATSHEET, "has %s, which does not exist" % name)

    # --- The table of waits says what the headers say -------------------------

    CANCELLATION = os.path.join("docs", "reference", "cancellation.md")
    LABEL = r"[A-Z][a-z]+(?:, [A-Z][a-z]+)*:"

    @classmethod
    def cancel_sentence(cls, comment):
        """What stands behind "Cancel:"; None if it is not there. A reference
        to another wait ("as async_sleep.") is one sentence."""
        text = re.sub(r"(?m)^\s*\*+ ?", "", comment)
        found = re.search(r"(?s)\bCancel(?:, [A-Z][a-z]+)*:\s(.*?)"
                          r"(?=\s" + cls.LABEL + r"|\n\s*\n|\Z)", text)
        if not found:
            return None
        sentence = cls.one_line(found.group(1))
        if sentence.startswith("as "):
            sentence = re.split(r"(?<=\.) ", sentence)[0]
        return sentence

    @staticmethod
    def one_line(text):
        return " ".join(text.replace("`", "").split())

    @classmethod
    def waits(cls, header):
        """Every wait of a header, with its sentence or None: what must be
        awaited, library coroutines, and what says what a cancellation does."""
        must = re.findall(r"ASYNC_MUST_AWAIT_\s+async_\w+_t\s+(async_\w+)",
                          header)
        must += re.findall(r"ASYNC_DECLARE\((\w+)\);", header)
        must = {name.rstrip("_") for name in must}
        found = {}
        public = re.split(r"/\* --- Private part", header)[0]
        for comment, code in re.findall(r"(?s)/\*\*(.*?)\*/(.*?)(?=/\*\*|\Z)",
                                        public):
            sentence = cls.cancel_sentence(comment)
            names = re.findall(r"(?m)^\s*#define\s+(\w+)|"
                               r"^struct\s+(\w+)\s*\{|"
                               r"\b(async_\w+)\s*\((?!\*)",
                               re.sub(r"(?s)/\*.*?\*/", "", code))
            names = [name for name in map("".join, names)
                     if not name.endswith("_")]
            for name in names:
                if name in must or (sentence and name == names[0]):
                    found.setdefault(re.sub("^ASYNC_AWAIT", "AWAIT", name),
                                     sentence)
        return found

    @classmethod
    def cancellation_rows(cls, page):
        for line in page.split("\n"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            names = re.findall(r"`(\w+)`", cells[0])
            if line.startswith("|") and names:
                yield names, cls.one_line(cells[-1])

    def check_cancellation(self, page):
        rows = {}
        for names, text in self.cancellation_rows(page):
            for name in names:
                rows[name] = text
        known = set()
        for name, header in self.headers():
            known.update(self.public_names(header))
            for wait, sentence in self.waits(header).items():
                if wait not in rows:
                    self.problem(self.CANCELLATION, "does not have " + wait)
                elif sentence and rows[wait] != sentence:
                    self.problem(self.CANCELLATION,
                                 "says of %s \"%s\", but async/%s: \"%s\""
                                 % (wait, rows[wait], name, sentence))
                self.done("waits")
        for name in sorted(set(rows) - known):
            self.problem(self.CANCELLATION,
                         "has %s, which does not exist" % name)

    # --- All ----------------------------------------------------------------

    def check_page(self, page):
        with open(page) as file:
            text = file.read()
        self.check_blocks(page, text)
        self.check_links(page, text)

    def run(self):
        if self.library is None:
            self.build_library()
        for page in self.pages():
            self.check_page(page)
        self.check_reference()
        with open(os.path.join(self.root, self.CHEATSHEET)) as file:
            self.check_cheatsheet(file.read())
        with open(os.path.join(self.root, self.CANCELLATION)) as file:
            self.check_cancellation(file.read())

    def close(self):
        shutil.rmtree(self.work)


# --- Self-test: every check can fail ----------------------------------------

BAD = {
    "does not compile": "```c\nint main(void) { return x; }\n```\n",
    "is not in docs/examples/greet.c":
        "<!-- from docs/examples/greet.c -->\n```c\nint nowhere;\n```\n",
    "there is no file": "<!-- from docs/examples/no.c -->\n```c\nint x;\n```\n",
    "prints something else":
        "<!-- output of docs/examples/tutorial_1.c -->\n```text\nBye\n```\n",
    "the compiler accepts it": "<!-- refused -->\n```c\nint x;\n```\n",
    "does not say": "<!-- refused -->\n```c\nint x = y;\n```\n"
                    "<!-- says -->\n```text\ngcc: a poem\nclang: a poem\n```\n",
    "leads nowhere": "[a page](no/such/page.md)\n",
    "has no heading": "# One\n[a place](#two)\n",
    "without a code block": "<!-- refused -->\nprose\n",
    "is not closed": "```c\nint x;\n",
    "nothing in test/run.sh": "```sh\nmake me a sandwich\n```\n",
}
GOOD = ("# One heading\n[here](#one-heading)\n"
        "```c\nint main(void) { return 0; }\n```\n"
        "<!-- statements: int x; -->\n```c\nself->x = 1;\n"
        "AWAIT(async_sleep(1));\n```\n"
        "<!-- from docs/examples/greet.c -->\n```c\n"
        "AWAIT(async_sleep(ASYNC_SECONDS(1)));\n...\nreturn error;\n```\n"
        "<!-- refused -->\n```c\nint x = y;\n```\n"
        "<!-- says -->\n```text\ngcc: 'y' undeclared\n"
        "clang: undeclared identifier 'y'\n```\n")


def problems_of(checker, text):
    page = os.path.join(checker.root, "README.md")
    checker.problems = []
    checker.check_blocks(page, text)
    checker.check_links(page, text)
    return checker.problems


def self_test(checker):
    if checker.library is None:
        checker.build_library()
    failures = ["should be fine: " + problem
                for problem in problems_of(checker, GOOD)]
    for expected, text in BAD.items():
        found = problems_of(checker, text)
        if len(found) != 1 or expected not in found[0]:
            failures.append("should find \"%s\" once, found %s"
                            % (expected, found))
    names = Checker.public_names(
        "#define ASYNC_A(x) x\n#define ASYNC_B_ 1\n/* async_c() */\n"
        "void async_d(int e);\nASYNC_DECLARE(async_g);\n/* --- Private part --- */\nvoid async_f(void);")
    if names != ["ASYNC_A", "async_d", "async_g"]:
        failures.append("public names: %s" % names)
    with open(os.path.join(checker.root, Checker.CHEATSHEET)) as file:
        sheet = file.read()
    checker.problems = []
    checker.check_cheatsheet(re.sub(r"\basync_run\b", "async_walk", sheet))
    if len(checker.problems) != 2:
        failures.append("cheatsheet: %s" % checker.problems)
    return failures + self_test_cancellation(checker)


HEADER = """/**
 * Wait. Context: task. Cancel: the waiter
 * is `unlinked`; so. If not,
 * not. Cost: O(1).
 */
#define async_a(x) async_a_(x)
/** The same, with a limit. Raises, Cancel: as async_a, really. It is an AWAIT. */
#define ASYNC_AWAIT_B(x) x
#define AWAIT_B(x) x
/** Otherwise like async_a. */
ASYNC_MUST_AWAIT_ async_wait_t async_c(int x);
/** Sets it. */
void async_d(void);
/* --- Private part --- */
ASYNC_MUST_AWAIT_ async_wait_t async_a_(int x);
"""


def self_test_cancellation(checker):
    failures = []
    waits = Checker.waits(HEADER)
    if waits != {"async_a": "the waiter is unlinked; so. If not, not.",
                 "AWAIT_B": "as async_a, really.", "async_c": None}:
        failures.append("waits: %s" % waits)
    with open(os.path.join(checker.root, Checker.CANCELLATION)) as file:
        page = file.read()
    checker.problems = []
    checker.check_cancellation(page)
    failures += ["should be fine: " + one for one in checker.problems]
    for expected, wrong in {
            "does not have async_join":
                page.replace("| `async_join` |", "| |"),
            "which does not exist":
                page.replace("| `async_join`", "| `async_join`, `async_jin`"),
            "says of async_event_wait":
                page.replace("event is as it was", "event is set")}.items():
        checker.problems = []
        checker.check_cancellation(wrong)
        if len(checker.problems) != 1 or expected not in checker.problems[0]:
            failures.append("should find \"%s\" once, found %s"
                            % (expected, checker.problems))
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cflags", default="")
    parser.add_argument("--library")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("root", nargs="?", default=os.path.normpath(
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")))
    arguments = parser.parse_args()
    checker = Checker(arguments.root, shlex.split(arguments.cc),
                      shlex.split(arguments.cflags), arguments.library)
    try:
        if arguments.self_test:
            problems = self_test(checker)
        else:
            checker.run()
            problems = checker.problems
    finally:
        checker.close()
    for problem in problems:
        print(problem)
    print(", ".join("%d %s" % (n, what)
                    for what, n in sorted(checker.count.items())))
    print("FAILED: %d problems" % len(problems) if problems else "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
