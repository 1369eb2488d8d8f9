"""A control plane with many clusters, and proxies beside each other on it: apply, memory, changes, traffic meanwhile, start."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.request

from harness import common, load, peers

NAMES = ("Handfast", "Envoy")
STREAMS = {"delta": "DELTA_GRPC", "sotw": "GRPC"}

# A cluster that is gone is found for 15 s more by streams that have chosen it; after that a load begins from nothing.
FORGOTTEN_SECONDS = 17
TRAFFIC_RATE, TRAFFIC_CONNECTIONS = 1000, 16

# The load generator is a JVM that has just started: its own code is cold at first.
UNCOUNTED_SECONDS = 3


class Plane:
    """A control plane in a process of its own, and the proxy on it."""

    def __init__(self, name, path, directory, kind, options):
        self.name, self.path, self.kind = name, path, kind
        self.directory, self.options = directory, options
        self.listener, self.admin = common.free_port(), common.free_port()
        self.log = directory / (name + ".log")
        self.figures = {}
        self.process = common.start(
            [common.java(), "-XX:+UseSerialGC", "-Xms128m", "-Xmx512m", "-cp", "%s/*" % common.LIB,
             "io.handfast.benchmarks.xds.ControlPlaneMain", 0, options.endpoints, self.listener],
            load.CPU, directory / (name + "-control.log"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = self.read()["port"]

    def tell(self, command):
        self.send(command)
        return self.read()

    def send(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise common.Failure("the control plane of %s ended:\n%s" % (
                self.name, common.tail(self.directory / (self.name + "-control.log"))))
        return json.loads(line)

    def start_proxy(self):
        """Starts the proxy; milliseconds since 1970 when it did."""
        config = peers.fill(
            "xds.yaml", self.directory / (self.name + ".yaml"), admin=self.admin, control=self.port,
            type=STREAMS[self.kind])
        flags = ["proxy", "-c", config, "--concurrency", "1"] if self.name == "Handfast" else [
            "-c", config, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
        begun = time.time() * 1000
        self.proxy = common.start([self.path, *flags], peers.CPU, self.log)
        return begun

    def await_proxy(self):
        common.await_port(self.listener, self.proxy, self.log)

    def stop_proxy(self):
        common.stop(self.proxy)
        self.tell("forget")

    def add(self, what, *values):
        self.figures.setdefault(what, []).extend(values)

    def counts(self):
        """Statistics of all clusters together, by what follows the cluster's name."""
        said = urllib.request.urlopen(
            "http://127.0.0.1:%d/stats?filter=%s" % (self.admin, r"membership_change$|cluster_modified$"))
        return counted(said.read().decode())


def counted(text):
    counts = {"membership_change": 0, "cluster_modified": 0}
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        last = name.rpartition(".")[2]
        if last in counts:
            counts[last] += int(value)
    return counts


def live_heap_mib(pid):
    """What is reachable in the heap of a JVM, after a full collection."""
    said = subprocess.run(
        [pathlib.Path(common.java()).with_name("jcmd"), str(pid), "GC.class_histogram"], capture_output=True, text=True)
    return histogram_mib(said.stdout)


def histogram_mib(text):
    total = re.search(r"^Total\s+\d+\s+(\d+)", text, re.MULTILINE)
    if not total:
        raise common.Failure("jcmd GC.class_histogram said no total:\n" + text[-500:])
    return int(total[1]) / 2**20


def run(options):
    if len(os.sched_getaffinity(0)) < 2:
        raise common.Failure("one CPU only (expected: two, one for the proxy and one for the rest)")
    common.build()
    programs = {"Handfast": peers.handfast_program(),
                "Envoy": common.find("envoy", "not compared (benchmarks/setup-peers fetches it)")}
    rows = []
    for kind in ["delta"] + (["sotw"] if options.sotw else []):
        with tempfile.TemporaryDirectory(prefix="handfast-benchmark-") as directory:
            rows += measure(kind, programs, pathlib.Path(directory), options)
    versions = [peers.version(name, programs[name]) for name in NAMES if programs[name]]
    print("\n%s\n%s\n%d clusters × %d endpoints; %d rounds, alternating; median (least–greatest). The proxy has a core of "
          "its own, control plane, upstreams and load share the other." % (
              common.machine(), ", ".join(versions), options.clusters, options.endpoints, options.rounds))
    common.table(["", *(name for name in NAMES if programs[name])], rows)


def measure(kind, programs, directory, options):
    planes = [Plane(name, programs[name], directory, kind, options) for name in NAMES if programs[name]]
    for step in (start_to_first, apply_and_memory, one_endpoint, traffic):
        print("%s: %s" % (kind, step.__doc__), flush=True)
        step(planes, options)
    for plane in planes:
        common.stop(plane.proxy)
        common.stop(plane.process)
    return rows_of(kind, planes, options)


def alternating(planes, rounds):
    for nth in range(rounds):
        yield from planes if nth % 2 == 0 else reversed(planes)


def start_to_first(planes, options):
    """from the start of the process to the first 200 of the last cluster"""
    for plane in planes:
        plane.tell("put %d" % options.clusters)
    for plane in alternating(planes, options.rounds):
        begun = plane.start_proxy()
        plane.add("start", plane.tell("first")["epoch_ms"] - begun)
        plane.stop_proxy()
    for plane in planes:
        plane.tell("put 0")


def apply_and_memory(planes, options):
    """all clusters at once, into a fresh process and into a warm one"""
    for plane in alternating(planes, options.rounds):
        plane.start_proxy()
        plane.await_proxy()
        time.sleep(1)
        before = live_heap_mib(plane.proxy.pid) if plane.name == "Handfast" else 0
        plane.add("empty", *common.memory_mib(plane.proxy.pid)[1:])
        plane.add("cold", plane.tell("load %d" % options.clusters)["applied_ms"])
        if plane.name == "Handfast":
            plane.add("heap", live_heap_mib(plane.proxy.pid) - before)
        plane.add("loaded", *common.memory_mib(plane.proxy.pid)[1:])
        plane.tell("load 0")
        plane.stop_proxy()
    for plane in planes:
        plane.start_proxy()
        plane.await_proxy()
    for nth, plane in enumerate(alternating(planes, options.rounds + options.warm_up_loads)):
        if nth >= len(planes):
            plane.tell("load 0")
            time.sleep(FORGOTTEN_SECONDS)
        took = plane.tell("load %d" % options.clusters)["applied_ms"]
        if nth >= len(planes) * options.warm_up_loads:
            plane.add("warm", took)


def one_endpoint(planes, options):
    """one endpoint of one cluster, again and again; first until that code is warm"""
    for plane in planes:
        plane.add("first endpoint", *plane.tell("endpoint %d" % options.changes)["ms"])
        warm_up(plane, lambda: plane.tell("endpoint %d" % options.changes), options.warm_up)
    for plane in alternating(planes, options.rounds):
        before = plane.counts()
        plane.add("endpoint", *plane.tell("endpoint %d" % options.changes)["ms"])
        after = plane.counts()
        plane.add("touched", after["membership_change"] - before["membership_change"])
        plane.add("modified", after["cluster_modified"] - before["cluster_modified"])


def traffic(planes, options):
    """requests at a constant rate: quiet, with changes that nobody is told, and with changes"""
    for plane in planes:
        warm_up(plane, lambda: meanwhile(plane, "churn", options), options.warm_up)
    for plane in alternating(planes, options.rounds):
        quiet = drive(plane, options.seconds)["p99_us"]
        noise, _ = meanwhile(plane, "rehearse", options)
        cpu = common.cpu_seconds(plane.proxy.pid)
        pushed, pushes = meanwhile(plane, "churn", options)
        plane.add("cpu", (common.cpu_seconds(plane.proxy.pid) - cpu) / pushes["seconds"] * 100)
        plane.add("quiet", quiet)
        plane.add("pushed", pushed["p99_us"])
        plane.add("ratio", pushed["p99_us"] / quiet)
        plane.add("noise", noise["p99_us"] / quiet)


def meanwhile(plane, command, options):
    """What requests see while the control plane does that, and what it has done."""
    plane.send("%s %d %d" % (command, options.rate, options.seconds + UNCOUNTED_SECONDS + 1))
    return drive(plane, options.seconds), plane.read()


def warm_up(plane, step, limit):
    """Takes that step until the compilers of a JVM have little left to do, or so many seconds are up."""
    begun = time.monotonic()
    while True:
        cpu, compilers = common.cpu_seconds(plane.proxy.pid), common.compiler_seconds(plane.proxy.pid)
        step()
        share = common.share(
            common.compiler_seconds(plane.proxy.pid) - compilers, common.cpu_seconds(plane.proxy.pid) - cpu)
        took = time.monotonic() - begun
        if share <= common.WARM_SHARE or took > limit:
            print("  %s: %.0f s of warm-up%s" % (
                plane.name, took, ", compilers take %.0f %%" % (share * 100) if compilers else ""), flush=True)
            return


def drive(plane, seconds):
    seen = common.load(
        common.java(), load.CPU, port=plane.listener, path="/c0/", clients=TRAFFIC_CONNECTIONS,
        seconds=seconds + UNCOUNTED_SECONDS, uncounted=UNCOUNTED_SECONDS, rate=TRAFFIC_RATE)
    if set(seen["statuses"]) != {"200"}:
        raise common.Failure("%s answered %s (expected: 200 only)" % (plane.name, seen["statuses"]))
    return seen


def rows_of(kind, planes, options):
    def row(what, cell):
        return ["%s: %s" % (kind, what), *(cell(plane.figures) for plane in planes)]

    def middle(what, form="%.1f"):
        return lambda figures: common.middle(figures[what], form) if what in figures else "–"

    def touched(figures):
        changes = options.changes * options.rounds
        return "%.2f; %d made anew" % (sum(figures["touched"]) / changes, sum(figures["modified"]))

    return [
        row("all applied, fresh process, ms", middle("cold", "%.0f")),
        row("all applied, warm process, ms", middle("warm", "%.0f")),
        row("live heap for them, MiB", middle("heap")),
        row("PSS without → with them, MiB", lambda figures: "%s → %s" % (
            common.median(figures["empty"], "%.0f"), common.median(figures["loaded"], "%.0f"))),
        row("one endpoint changed, ms", middle("endpoint", "%.2f")),
        row("one endpoint changed, the first %d times, ms" % options.changes, middle("first endpoint", "%.2f")),
        row("clusters touched by it", touched),
        row("p99 at %d/s, quiet, µs" % TRAFFIC_RATE, middle("quiet", "%.0f")),
        row("p99 with %d changes/s, µs" % options.rate, middle("pushed", "%.0f")),
        row("p99 with changes ÷ quiet", middle("ratio", "%.2f")),
        row("p99 with changes that nobody is told ÷ quiet", middle("noise", "%.2f")),
        row("CPU with changes, % of a core", middle("cpu", "%.0f")),
        row("start to first 200 with all of them, ms", middle("start", "%.0f")),
    ]
