#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The converter of traces: what it says of good ones, and of bad ones.

  test_converter.py SENSOR_BUS_TRACED TRACE_STREAM TIMED
    [--update] [--not-gcc]

With --update the expected text, and the picture of the documentation, are
written instead of compared.
"""
import contextlib
import importlib.util
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "../.."))
CONVERTER = os.path.join(ROOT, "src/trace/async-trace.py")
GDB_SCRIPT = os.path.join(ROOT, "src/gdb/async-gdb.py")
SOURCE = os.path.join(ROOT, "docs/examples/sensor_bus.c")
PICTURE = ["--source", SOURCE, "--from", "195ms", "--to", "305ms",
           "--title", "sensor_bus: the first round"]
PICTURE_PATH = os.path.join(ROOT, "docs/how-to/sensor_bus.svg")
PAGE_PATH = os.path.join(ROOT, "docs/how-to/trace-and-read-a-timeline.md")
TEXT_PATH = os.path.join(HERE, "sensor_bus.txt")
UPDATE = "--update" in sys.argv
# In which line a statement of several lines stands is told by the compiler.
LINES_OF_GCC = "--not-gcc" not in sys.argv

RUN, WAIT, AGAIN, RAISED = 0x0000, 0x4000, 0x8000, 0xC000
(SPAWN, READY_BY_TASK, READY_BY_INTERRUPT, READY_BY_TIMER, READY, ENDED,
 FAILED, SLEEP, WAKE_UP, TIME, LOST, MARK, ENTER, EXIT,
 NAME) = range(0xFE10, 0xFE1F)
HELLO, REPORT = 0xFE20, 0xFE40
# A program for those that are made up: what nm would say of it.
NM = """08000100 00000020 T async_trace_start_
08000200 00000040 t blink_coroutine_
08000400 00000040 T run_coroutine_
08000300 00000040 T UART_Handler
20000100 00000024 b blinker
20000200 00000024 B runner
"""
BLINKER, RUNNER, BLINK, RUN_IT = 0x0040, 0x0080, 0x0040, 0x00C0
HANDLER, OTHER_TASK = 0x0080, 0x0777


def load_converter():
    spec = importlib.util.spec_from_file_location("async_trace", CONVERTER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


converter = load_converter()


def records(*all_of_them):
    return b"".join(struct.pack("<HHHH", *one) for one in all_of_them)


def image(body, count=None, capacity=None, last=0, rate=1000, **damage):
    """An image of a ring; the records stand where they are."""
    number = len(body) // 8
    count = number if count is None else count
    size = 8
    while size <= number:
        size *= 2
    head = struct.pack("<4sBBHIIIII4x", b"asyR", damage.get("version", 1),
                       damage.get("pointer_size", 4), capacity or size, rate,
                       damage.get("anchor", 0x08000101), count, last, 0)
    return head + body + bytes(8 * ((capacity or size) - number))


def stream(*pieces):
    """HELLO before each piece."""
    hello = records((0x7361, 0x6E79, 0x7463, HELLO),
                    (1000, 0, 0x0104, HELLO + 1),
                    (0x0101, 0x0800, 0, HELLO + 2))
    return b"".join(hello + piece for piece in pieces)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="async_trace_")
        cls.nm = cls.write("program.nm", NM)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def write(cls, name, data):
        path = os.path.join(cls.folder, name)
        with open(path, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        return path

    def convert(self, *arguments, status=0):
        """In this process, which is faster."""
        out, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            try:
                got = converter.main(arguments)
            except SystemExit as end: # of argparse
                got = end.code
        self.said = said.getvalue()
        self.assertEqual(got, status, self.said)
        return out.getvalue()

    def text_of(self, data, *arguments, **more):
        path = self.write("trace", data)
        return self.convert(*arguments, path, self.nm, **more)

    def lines_of(self, data, *arguments):
        """Without names of rows, and with single spaces."""
        return [re.sub(r"\s+", " ", line).strip() for line in
                self.text_of(data, *arguments).strip("\n").split("\n")]


class SensorBus(Case):
    """A real trace, on virtual time: always the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = sys.argv[1]
        cls.trace = os.path.join(cls.folder, "sensor_bus.trace")
        subprocess.run([cls.program, cls.trace], check=True,
                       stdout=subprocess.DEVNULL)

    def compare(self, path, got):
        if UPDATE:
            with open(path, "w", encoding="utf-8") as file:
                file.write(got)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), got, "see %s --update" % __file__)

    def test_times_of_the_pc(self):
        """In the same order, and each at a time of its own."""
        path = os.path.join(self.folder, "timed.trace")
        subprocess.run([sys.argv[3], path], check=True,
                       stdout=subprocess.DEVNULL)
        text = self.convert(path, sys.argv[3])
        words = [re.sub(r"^ *\S+ ms *", "", line)
                 for line in text.split("\n")]
        virtual = [re.sub(r"^ *\S+ ms *", "", line) for line in
                   self.convert(self.trace, self.program).split("\n")]
        self.assertEqual(words, virtual)
        check_json(self, json.loads(self.convert("--json", "-", path,
                                                 sys.argv[3])))

    @unittest.skipUnless(LINES_OF_GCC, "another compiler")
    def test_text(self):
        self.compare(TEXT_PATH, self.convert(self.trace, self.program))
        self.assertEqual(self.said, "")

    @unittest.skipUnless(LINES_OF_GCC, "another compiler")
    def test_the_picture_of_the_documentation(self):
        svg = self.convert("--svg", "-", *PICTURE, self.trace, self.program)
        ElementTree.fromstring(svg)
        self.compare(PICTURE_PATH, svg)

    @unittest.skipUnless(LINES_OF_GCC, "another compiler")
    def test_the_text_of_the_documentation(self):
        got = self.convert("--from", "203ms", "--to", "225ms", self.trace,
                           self.program)
        with open(PAGE_PATH, encoding="utf-8") as file:
            page = file.read()
        before, block, after = re.match(
            r"(?s)(.*<!-- printed by async-trace -->\n```text\n)(.*?)(```.*)",
            page).groups()
        if UPDATE:
            with open(PAGE_PATH, "w", encoding="utf-8") as file:
                file.write(before + got + after)
        else:
            self.assertEqual(block, got)

    def test_an_image_is_found_in_a_dump_of_memory(self):
        with open(self.trace, "rb") as file:
            dump = b"asyR and other text" + bytes(1001) + file.read() + b"x"
        path = self.write("dump", dump)
        self.assertEqual(self.convert(path, self.program),
                         self.convert(self.trace, self.program))

    def test_what_nm_says_will_do(self):
        if not shutil.which("nm"):
            self.skipTest("no nm")
        names = self.write("names", subprocess.run(
            ["nm", "-S", self.program], stdout=subprocess.PIPE,
            check=True).stdout)
        self.assertEqual(self.convert(self.trace, names),
                         self.convert(self.trace, self.program))

    def gdb(self, *commands):
        words = [word for command in commands for word in ("-ex", command)]
        done = subprocess.run(
            ["gdb", "-batch", "-nx", "-x", GDB_SCRIPT, *words,
             "--args", self.program, "/dev/null"], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=60, stdin=subprocess.DEVNULL)
        return done.stdout.decode("utf-8", "replace")

    @unittest.skipUnless(shutil.which("gdb"), "no gdb")
    def test_gdb_writes_an_image(self):
        path = os.path.join(self.folder, "gdb.trace")
        said = self.gdb("break async_trace_stop", "run > /dev/null",
                        "async trace " + path)
        self.assertRegex(said, r"(?m)^\d+ records in ")
        self.assertEqual(self.convert(path, self.program),
                         self.convert(self.trace, self.program))
        said = self.gdb("break async_trace_start_", "run > /dev/null",
                        "async trace " + path)
        self.assertIn("async_trace_start was not called", said)

    def test_without_a_program_there_are_numbers(self):
        text = self.convert(self.trace)
        self.assertRegex(text, r"waits at coroutine 0x[0-9a-f]{4} \(line 55\)")
        self.convert("--svg", "-", "--json", "-", self.trace)

    def test_json_is_as_chrome_wants_it(self):
        data = json.loads(self.convert("--json", "-", "--source", SOURCE,
                                       self.trace, self.program))
        check_json(self, data)
        slices = [e for e in data["traceEvents"] if e["ph"] == "X"]
        waits = [e for e in slices if e["name"] == "waits at i2c_transfer:55"]
        self.assertEqual([round(e["ts"] / 1000) for e in waits[:2]],
                         [200, 203])
        self.assertAlmostEqual(waits[0]["dur"], 3000, delta=1)
        self.assertEqual(waits[0]["args"]["source"],
                         "AWAIT(async_event_wait(&transfer_done));")

    def test_the_lock_goes_from_the_first_to_the_second(self):
        data = json.loads(self.convert("--json", "-", self.trace,
                                       self.program))
        names = {e["tid"]: e["args"]["name"] for e in data["traceEvents"]
                 if e["name"] == "thread_name"}
        flows = {}
        for event in data["traceEvents"]:
            if event["ph"] in "sf":
                flows.setdefault(event["id"], []).append(names[event["tid"]])
        self.assertIn(["read_temperature #1", "read_temperature #2"],
                      flows.values())
        self.assertIn(["interrupt: interrupt_handler", "read_temperature #1"],
                      flows.values())


def check_json(test, data):
    """Times in order, slices of a row one behind the other or inside each
    other, and each arrow from inside a slice to inside a slice."""
    events, last, rows = data["traceEvents"], -1, {}
    for event in events:
        test.assertIn(event["ph"], "MXisf")
        test.assertIsInstance(event["tid"], int)
        if event["ph"] == "M":
            continue
        test.assertGreaterEqual(event["ts"], last)
        last = event["ts"]
        if event["ph"] == "X":
            test.assertGreaterEqual(event["dur"], 0)
            rows.setdefault(event["tid"], []).append(
                (event["ts"], event["ts"] + event["dur"], event["name"]))
        elif event["ph"] == "i":
            test.assertEqual(event["s"], "t")
    for slices in rows.values():
        stack = []
        for start, end, name in slices:
            while stack and stack[-1][1] <= start + 0.0005:
                stack.pop()
            test.assertTrue(not stack or end <= stack[-1][1] + 0.0005,
                            "%s cuts %s" % (name, stack))
            stack.append((start, end))
    flows = [e for e in events if e["ph"] in "sf"]
    starts = {e["id"]: e for e in flows if e["ph"] == "s"}
    ends = {e["id"]: e for e in flows if e["ph"] == "f"}
    test.assertEqual(set(starts), set(ends))
    test.assertEqual(len(flows), 2 * len(starts))
    for event in flows:
        test.assertTrue(any(start <= event["ts"] <= end for start, end, _ in
                            rows.get(event["tid"], [])), event)
    for number, end in ends.items():
        test.assertEqual(end["bp"], "e")
        test.assertGreaterEqual(end["ts"], starts[number]["ts"])


class Stream(Case):
    def test_a_program_that_sends_its_trace(self):
        program = sys.argv[2]
        with subprocess.Popen([program], stdout=subprocess.PIPE) as sender:
            data = sender.stdout.read(1 << 20)
            sender.kill() # if it sends for ever
        self.assertLess(len(data), 1 << 20)
        done = subprocess.run(
            [sys.executable, "-B", CONVERTER, "--name", "mark:1=sample ready",
             "-", program], input=data, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=True)
        text = done.stdout.decode()
        self.assertEqual(done.stderr, b"")
        self.assertIn("   7 ms  task      sample  sample ready\n",
                      re.sub(r" {7}", "   ", text))
        self.assertIn("sender", text)
        self.assertNotIn("missing", text)

    BODY = records((0, 0, 0, TIME), (5, BLINKER, BLINK, RUN | 10),
                   (6, BLINKER, BLINK, WAIT | 12))
    LINES = ["5 ms task blinker runs at blink (line 10)",
             "6 ms task blinker waits at blink (line 12)"]

    def test_it_begins_anywhere(self):
        self.assertEqual(self.lines_of(b"noise" + stream(self.BODY)),
                         self.LINES)
        self.assertIn("5 bytes before the first HELLO", self.said)

    def test_it_ends_anywhere(self):
        data = stream(self.BODY)
        self.assertEqual(self.lines_of(data[:-1]), self.LINES[:1])
        self.assertIn("the last record is cut off", self.said)
        for end in range(24, len(data)):
            self.text_of(data[:end], status=0 if end >= 32 else 1)
        self.text_of(data[:23], status=1)
        self.assertIn("ends in its first HELLO", self.said)

    def test_after_missing_bytes_the_next_hello_helps(self):
        data = stream(self.BODY[:21] + self.BODY[22:], self.BODY)
        lines = self.lines_of(data)
        self.assertEqual(lines[-2:], self.LINES)
        self.assertIn("some records are missing here", lines[-3])
        self.assertIn("bytes are missing", self.said)

    def test_a_second_program_is_refused(self):
        data = stream(self.BODY) + stream(self.BODY).replace(
            struct.pack("<HH", 1000, 0), struct.pack("<HH", 2000, 0))
        self.text_of(data, status=1)
        self.assertIn("two programs", self.said)

    def test_lost_records_break_what_they_are_in(self):
        body = records((0, 0, 0, TIME), (5, BLINKER, BLINK, RUN | 10),
                       (0, 7, 0, LOST), (9, BLINKER, BLINK, WAIT | 12),
                       (10, 1, 1, TIME), (10, BLINKER, BLINK, RUN | 12))
        lines = self.lines_of(stream(body))
        self.assertEqual(lines[1:], [
            "65545 ms 7 records are missing here",
            "65545 ms task blinker waits at blink (line 12)",
            "65546 ms task blinker runs at blink (line 12)"])


class Times(Case):
    def test_they_are_counted_back_from_the_last(self):
        body = records((0xFFF0, BLINKER, BLINK, RUN | 1),
                       (0x0010, BLINKER, BLINK, WAIT | 2))
        self.assertEqual([line.split()[0] for line in self.lines_of(
            image(body, last=0x30010))], ["196592", "196624"])

    def test_a_time_record_leaps_on_both_sides(self):
        body = records((5, BLINKER, BLINK, WAIT | 1), (9, 7, 2, TIME),
                       (9, BLINKER, BLINK, RUN | 1))
        self.assertEqual([line.split()[0] for line in self.lines_of(
            image(body, last=0x70009))], ["131077", "458761"])

    def test_32_bits_may_wrap(self):
        body = records((0, 0xFFFF, 0xFFFF, TIME),
                       (0, BLINKER, BLINK, WAIT | 1),
                       (5, 0, 0xFFFF, TIME), (5, BLINKER, BLINK, RUN | 1))
        self.assertEqual([line.split()[0] for line in self.lines_of(
            image(body, last=5))], [str(0xFFFF0000), str(0x100000005)])

    def test_time_that_goes_back_is_told(self):
        body = records((9, 5, 0, TIME), (9, BLINKER, BLINK, WAIT | 1),
                       (5, 4, 5, TIME), (5, RUNNER, RUN_IT, RUN | 1))
        self.lines_of(image(body, last=0x40005))
        self.assertIn("time goes back", self.said)

    def test_digits_are_as_many_as_the_clock_has(self):
        body = records((3, BLINKER, BLINK, WAIT | 1))
        for rate, shown in ((1000, "3 ms"), (1000000, "0.003 ms"),
                            (64000000, "0.00005 ms"), (32768, "0.09 ms"),
                            (100, "30 ms")):
            line = self.lines_of(image(body, last=3, rate=rate))[0]
            self.assertTrue(line.startswith(shown + " "), line)


class Rings(Case):
    def test_the_oldest_of_a_full_ring_may_be_torn(self):
        old = [(i, BLINKER, BLINK, RUN | 50 + i) for i in range(8, 16)]
        lines = self.lines_of(image(records(*old), count=16, capacity=8,
                                    last=15))
        self.assertEqual(len(lines), 7)
        self.assertIn("9 older records were overwritten", self.said)
        self.assertIn("line 59", lines[0])

    def test_the_newest_may_stand_in_the_middle(self):
        order = [(i, BLINKER, BLINK, RUN | i)
                 for i in (16, 17, 10, 11, 12, 13, 14, 15)]
        lines = self.lines_of(image(records(*order), count=18, capacity=8,
                                    last=17))
        self.assertEqual([line.split()[0] for line in lines],
                         [str(i) for i in range(11, 18)])

    def test_an_image_may_be_cut_off(self):
        body = records(*[(i, BLINKER, BLINK, RUN | 1 + i) for i in range(6)])
        whole = image(body, last=5)
        self.assertEqual(len(self.lines_of(whole[:32 + 24])), 4)
        self.assertIn("ends after 3 of 6 records", self.said)
        for end in range(40, len(whole), 3):
            self.text_of(whole[:end])
        self.text_of(whole[:31], status=1)

    def test_an_empty_ring_says_so(self):
        self.text_of(image(b""), status=1)
        self.assertIn("no records yet", self.said)

    def test_one_of_several_rings_is_told(self):
        first = image(records((1, BLINKER, BLINK, RUN | 9)), last=1)
        other = image(records((1, RUNNER, RUN_IT, RUN | 9)), last=1)
        self.assertIn("blinker", self.text_of(first + other))
        self.assertIn("first of 2 rings, which are at bytes 0, 96",
                      self.said)

    def test_a_ring_that_was_not_used_is_passed_over(self):
        """A copy of its head, for instance, that is left on the stack."""
        ring = image(records((1, BLINKER, BLINK, RUN | 9)), last=1)
        self.assertIn("blinker", self.text_of(image(b"") + ring))
        self.assertEqual(self.said, "")

    def test_no_trace_at_all_says_so(self):
        for data in (b"", b"abc", bytes(5000)):
            self.text_of(data, status=1)
            self.assertIn("neither an image of a ring nor a stream",
                          self.said)

    def test_another_version_is_refused(self):
        self.text_of(image(records((0, 1, 1, RUN)), version=2), status=1)
        self.assertIn("version 2", self.said)

    def test_a_head_that_is_none_is_passed_over(self):
        self.text_of(image(b"", pointer_size=5), status=1)
        self.text_of(image(b"", capacity=12), status=1)

    def test_random_bytes_behind_a_good_head_are_survived(self):
        seed = 1
        for _ in range(30):
            body = bytearray()
            for _ in range(64 * 8):
                seed = (seed * 1103515245 + 12345) % (1 << 31)
                body.append(seed >> 16 & 255)
            path = self.write("random", image(bytes(body), last=seed))
            self.convert("--json", "-", "--svg", "-", "--text", path, self.nm)
            self.convert("--svg", "-", path)


class Programs(Case):
    BODY = records((1, BLINKER, BLINK, RUN | 1))

    def refused(self, data):
        trace = self.write("trace", image(self.BODY, last=1))
        self.convert(trace, self.write("program", data), status=1)

    def test_a_program_that_does_not_trace(self):
        self.refused("08000100 T main\n")
        self.assertIn("it does not trace, or is another program", self.said)

    def test_a_file_that_is_no_program(self):
        self.refused("hello\n")
        self.assertIn("neither an ELF file nor what nm prints", self.said)

    def test_a_damaged_elf_file(self):
        self.refused(b"\x7fELF\x02\x01\x01" + bytes(90))
        self.refused(b"\x7fELF")
        self.refused(b"\x7fELF\x02\x01\x01" + b"\xff" * 90)

    def test_a_stripped_program(self):
        strip, path = shutil.which("strip"), self.write("stripped", "")
        if not strip:
            self.skipTest("no strip")
        shutil.copy(sys.argv[1], path)
        subprocess.run([strip, path], check=True)
        trace = self.write("trace", image(self.BODY, last=1))
        self.convert(trace, path, status=1)
        self.assertIn("stripped", self.said)

    def test_no_such_file(self):
        self.convert("/no/such/file", status=1)
        self.assertIn("/no/such/file", self.said)

    def test_a_task_inside_an_object_is_named_after_its_coroutine(self):
        body = records((1, RUNNER + 1, RUN_IT, SPAWN),
                       (1, RUNNER + 1, 0, READY),
                       (2, RUNNER + 2, RUN_IT, RUN | 7))
        lines = self.lines_of(image(body, last=2))
        self.assertIn("task run is spawned with run", lines[0])
        self.assertIn("task runner+8 runs at run (line 7)", lines[2])


    def names_of(self, symbols, *all_of_them):
        program = self.write("other.nm", NM + symbols)
        trace = self.write("trace", image(records(*all_of_them)))
        return self.convert(trace, program)

    def test_names_of_cxx_are_those_of_its_source(self):
        text = self.names_of(
            "08000500 00000040 t _ZN12_GLOBAL__N_1L16level_coroutine_EP10"
            "async_coro\n20000300 00000024 b _ZN3app7controlE\n",
            (1, 0xC0, 0x100, RUN | 9))
        self.assertRegex(text, r" control +runs at level \(line 9\)")
        for mangled, name in (
                ("_Z16blink_coroutine_P10async_coro", "blink_coroutine_"),
                ("_ZL5timer", "timer"), ("_ZZ4mainE4task_0", "task"),
                ("_ZNK3foo3barEv", "bar"), ("_ZTV3foo", "_ZTV3foo"),
                ("_Z99x", "x"), ("_Z", "_Z"), ("plain", "plain"),
                ("wait_coroutine_.lto_priv.1", "wait_coroutine_"),
                ("handler.isra.0", "handler"), ("task.2", "task")):
            self.assertEqual(converter.plain(mangled), name)

    def test_tasks_of_an_array_are_named_after_their_coroutines(self):
        text = self.names_of(
            "20000300 00000048 b tasks\n", (1, 0xC0, BLINK, SPAWN),
            (1, 0xC9, BLINK, SPAWN), (1, BLINKER, BLINK, SPAWN))
        self.assertEqual(re.findall(r"task +(.*?)  ", text),
                         ["blink #1", "blink #2", "blinker"])

    @unittest.skipUnless(shutil.which("cc"), "no cc")
    def test_coroutines_of_one_name_are_told_apart(self):
        """By their files, out of which their lines come, too."""
        body = "#define ASYNC_STATIC(f) void *f##_coroutine_(void); " \
            "static void *of(void *x) { return x; }\n%s\n"
        files = []
        for name, text in (("one.c", "first();"), ("two.c", "second();")):
            files.append(self.write(name, (
                "static int level_coroutine_(void) { return 1; }\n"
                "int (*use_%s)(void) = level_coroutine_;\n"
                "#if 0\nASYNC_STATIC(level)\n{\n    ASYNC_BEGIN();\n%s\n#endif\n"
                % (name[:3], text))))
        start = self.write("start.c", "int async_trace_start_(void)"
                           "{ return 0; } int main(void) { return 0; }\n")
        program = os.path.join(self.folder, "twins")
        subprocess.run(["cc", "-O0", *files, start, "-o", program],
                       check=True)
        symbols = converter.Program(program)
        codes = [(value - symbols.anchor >> 3) & 0xFFFF
                 for value, _, name in symbols.functions
                 if name == "level_coroutine_"]
        trace = self.write("trace", image(records(
            (1, 1, codes[0], RUN | 7), (2, 1, codes[0], WAIT | 7),
            (3, 2, codes[1], RUN | 7), (4, 2, codes[1], WAIT | 7)),
            pointer_size=8, anchor=symbols.anchor & 0xFFFFFFFF))
        out = self.convert("--text", "--json", "-", "--source", files[0],
                           "--source", files[1], trace, program)
        self.assertEqual(self.said, "")
        for words in ("runs at level (one.c) (line 7)",
                      "runs at level (two.c) (line 7)",
                      '"source": "first();"', '"source": "second();"'):
            self.assertIn(words, out)
        out = self.convert("--json", "-", "--source", files[0], trace,
                           program)
        self.assertEqual(out.count("first();"), 2) # not for the other

    def test_a_program_that_did_not_run_is_told(self):
        body = records((1, BLINKER, BLINK, RUN | 9))
        self.text_of(image(body, anchor=0x08000101))
        self.assertEqual(self.said, "")
        self.text_of(image(body, anchor=0x08003101)) # moved by pages
        self.assertEqual(self.said, "")
        self.text_of(image(body, anchor=0x08000141))
        self.assertIn("it is not program.nm that ran", self.said)

    def test_nm_of_an_avr_will_do(self):
        """Whose functions' addresses count words."""
        text = self.text_of(image(records((1, BLINKER, 0x0080, RUN | 9)),
                                  pointer_size=2, anchor=0x04000080))
        self.assertIn("runs at blink (line 9)", text)
        self.assertEqual(self.said, "")

    def test_a_source_may_have_any_characters(self):
        source = self.write("odd.c", b"ASYNC(blink)\r\n\f\r\n\r\n\r\n\r\n"
                            b"first(\x01\xff);\r\n")
        svg = self.text_of(image(records((1, BLINKER, BLINK, RUN | 6))),
                           "--svg", "-", "--source", source)
        ElementTree.fromstring(svg)
        self.assertIn("first(", svg)


class Meaning(Case):
    @staticmethod
    def header(name):
        with open(os.path.join(ROOT, "include/async", name)) as file:
            return re.sub(r"(?s)/\*.*?\*/", "", file.read())

    def test_reports_and_errors_are_those_of_the_headers(self):
        kinds = re.search(r"(?s)enum async_report_kind \{(.*?)\}",
                          self.header("report.h")).group(1)
        self.assertEqual(
            re.findall(r"ASYNC_REPORT_(\w+)", kinds),
            [kind.replace(" ", "_").upper() for kind in converter.REPORTS])
        errors = re.findall(r"(ASYNC_ERR_\w+) = (-\d+)",
                            self.header("error.h"))
        self.assertEqual({int(number): name for name, number in errors},
                         converter.ERRORS)

    def test_every_record_has_its_line(self):
        body = records(
            (1, BLINKER, BLINK, SPAWN), (1, BLINKER, 0, READY),
            (2, BLINKER, BLINK, RUN | 2),
            (2, BLINKER, BLINK, AGAIN | 20),
            (3, BLINKER, BLINK, RUN | 20),
            (4, 21, 0, ENTER), (4, BLINKER, 21, READY_BY_INTERRUPT),
            (4, 0, 9, MARK), (5, 21, 0, EXIT),
            (6, 0x10000 - 5, BLINK, RAISED | 21),
            (6, BLINKER, BLINK, REPORT + 1),
            (7, BLINKER, 0x10000 - 201, FAILED),
            (8, 0, 0, SLEEP), (9, 0, 0, WAKE_UP),
            (9, BLINKER, RUN_IT, NAME),
            (9, BLINKER, 0, 0xFE3F))
        self.assertEqual(self.lines_of(image(body, last=9),
                                       "--name", "interrupt:21=UART",
                                       "--name", "mark:9=byte"), [
            "1 ms task blinker is spawned with blink",
            "1 ms task blinker spawned by what is outside of tasks",
            "2 ms task blinker starts blink",
            "2 ms task blinker goes round at blink (line 20)",
            "3 ms task blinker runs at blink (line 20)",
            "4 ms interrupt UART begins",
            "4 ms task blinker is woken by interrupt UART",
            "4 ms byte",
            "5 ms interrupt UART ends",
            "6 ms task blinker raises -5 (-EIO) at blink (line 21)",
            "6 ms task blinker report: error not taken, about blink",
            "7 ms task blinker ends with ASYNC_ERR_TIMEOUT",
            "8 ms loop sleeps", "9 ms loop wakes up",
            "9 ms task blinker is a task with run",
            "9 ms unknown record 0xfe3f: is the trace damaged?"])

    def json_of(self, *body, **more):
        data = json.loads(self.text_of(image(records(*body), **more),
                                       "--json", "-"))
        check_json(self, data)
        names = {e["tid"]: e["args"]["name"] for e in data["traceEvents"]
                 if e["name"] == "thread_name"}
        return [(names[e["tid"]], e["ph"], e["name"], e["args"])
                for e in data["traceEvents"] if e["ph"] == "X"]

    def test_a_step_that_does_not_end_is_told(self):
        slices = self.json_of((1, BLINKER, BLINK, RUN | 9), (5, 0, 1, MARK),
                              last=5)
        self.assertEqual(slices[0][2], "blink:9")
        self.assertIn("open", slices[0][3])

    def test_one_that_was_woken_in_its_step_does_not_wait(self):
        slices = self.json_of(
            (1, BLINKER, BLINK, RUN | 9),
            (2, BLINKER, 0, READY_BY_INTERRUPT),
            (3, BLINKER, BLINK, WAIT | 10),
            (4, BLINKER, BLINK, RUN | 10), (5, BLINKER, BLINK, WAIT | 9),
            last=5)
        self.assertEqual([one[2] for one in slices if one[0] == "blinker"],
                         ["blink:9", "ready", "blink:10", "waits at blink:9"])

    def test_a_loop_in_an_interrupt_wakes_as_its_task(self):
        """Where no number tells handlers apart, the innermost is right."""
        text = self.text_of(image(records(
            (1, BLINKER, BLINK, RUN | 9), (2, 5, HANDLER, ENTER),
            (3, RUNNER, RUN_IT, RUN | 3),
            (4, BLINKER, 0, READY_BY_INTERRUPT),
            (5, RUNNER, RUN_IT, WAIT | 3), (6, 5, HANDLER, EXIT),
            (7, BLINKER, BLINK, WAIT | 9)), last=7))
        self.assertIn("is woken by task runner", text)
        self.assertIn("interrupt UART_Handler  begins", text)

    def test_a_legend_has_as_much_as_there_is_room_for(self):
        body = [(i, BLINKER, 0x100 + i, RUN | 9) for i in range(30)]
        svg = self.text_of(image(records(*body), last=29), "--svg", "-")
        self.assertRegex(svg, r">and \d+ more<")
        for x in re.findall(r'<text x="(\d+)', svg):
            self.assertLess(int(x), 1100)

    def test_labels_of_large_times_do_not_touch(self):
        body = records(*[(i, BLINKER, BLINK, RUN | 9) for i in range(66)])
        svg = self.text_of(image(body, last=0xF0000041, rate=10 ** 9),
                           "--svg", "-")
        labels = [(float(x), text) for x, text in re.findall(
            r'<text x="([\d.]+)"[^>]*>(\d+ ns)<', svg)]
        self.assertGreater(len(labels), 3)
        for (x, text), (other, _) in zip(labels, labels[1:-1]):
            self.assertGreater(other - x, 6 * len(text))

    def test_many_wakes_are_converted_soon(self):
        """In a time that grows as the trace does."""
        body = [(i & 0xFFFF, BLINKER, 21, READY_BY_INTERRUPT)
                for i in range(30000)]
        self.text_of(image(records(*body), capacity=32768, last=29999))

    def test_a_part_is_shown(self):
        body = records(*[(i, BLINKER, BLINK, RUN | 10 + i) for i in range(8)])
        lines = self.lines_of(image(body, last=7), "--from", "2ms", "--to",
                              "4ms")
        self.assertEqual([line.split()[0] for line in lines],
                         ["2", "3", "4"])

    def test_a_time_in_which_nothing_was_traced_is_told(self):
        body = records(*[(i, BLINKER, BLINK, RUN | 10 + i) for i in range(8)])
        for asked in (["--from", "8ms"], ["--from", "5ms", "--to", "4ms"]):
            self.text_of(image(body, last=7), *asked, status=1)
            self.assertIn("the records are from 0 to 7 ms", self.said)

    def test_arguments_that_are_wrong_are_refused(self):
        trace = self.write("trace", image(self.id().encode()))
        for wrong in (["--from", "3"], ["--name", "mark=3"], ["--what"],
                      ["--width", "-5"], ["--width", "1e9"]):
            self.convert(*wrong, trace, status=2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
