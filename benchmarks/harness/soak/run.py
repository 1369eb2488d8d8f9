"""The parts of a soak, what is done to them, and what is looked at in the end."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

from harness import certificates, common, peers, xds
from harness.soak import config, verdict

PORTS = ("http", "tls", "tcp", "admin")
# How often, in seconds; each once at the beginning, so that a short soak has them all.
PUSH, ROTATE, RESTART = 2, 7, 12
PATIENCE = 30
DIRECT = "overload.handfast.resource_monitors.direct_memory.pressure"
JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m")
# Every fourth buffer is watched until the collector finds it: one that was not given back is told in the log.
LEAKS = "-Dio.netty.leakDetection.level=simple -Dio.netty.leakDetection.samplingInterval=4"


def run(options):
    """The status that the process ends with."""
    common.build()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="handfast-soak-"))
    soak = Soak(options, directory)
    try:
        soak.start()
        soak.load(options.minutes * 60)
        breaches = soak.end()
    except common.Failure as failure:
        raise common.Failure("%s\nLogs and configuration are in %s" % (failure, directory)) from failure
    finally:
        soak.close()
    if breaches:
        print("Logs and configuration are in %s" % directory)
    else:
        shutil.rmtree(directory)
    return 1 if breaches else 0


def await_http2(port):
    """Until it has answered a preface: a JVM that listens may take a second for its first, which is no fault of the proxy's."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        if not connection.recv(9):
            raise common.Failure("the upstream ends a connection of HTTP/2 (expected: SETTINGS)")


class Soak:

    def __init__(self, options, directory):
        self.options, self.directory = options, directory
        self.ports = {name: common.free_port() for name in PORTS}
        self.upstreams = {name: {kind: common.free_port() for kind in ("http", "grpc", "tcp")}
                          for name in (config.STEADY, config.RESTARTED)}
        self.running, self.windows, self.rss, self.failures = {}, [], [], []
        self.revision = self.rotations = 0
        self.heap, self.direct, self.asleep = 0.0, 0, None
        self.log = directory / "proxy.log"

    def java(self, name, main, *arguments, **options):
        self.running[name] = common.start(
            [common.java(), *JAVA, "-cp", "%s/*" % common.LIB, "io.handfast.benchmarks.soak." + main, *arguments],
            log=self.directory / (name + ".log"), **options)
        return self.running[name]

    def start(self):
        openssl = common.find("openssl", "there are no certificates without it")
        if not openssl:
            raise common.Failure("openssl is missing (expected: on PATH)")
        self.keys = certificates.make(openssl, self.directory / "certificates")
        self.renewed = Renewals(openssl, self.directory)
        for name in self.upstreams:
            self.start_upstream(name)
        self.push()
        file = self.directory / "proxy.json"
        config.put(file, config.bootstrap(self.directory, self.ports, self.upstreams))
        program = peers.handfast_program() if self.handfast else common.find("envoy", "it cannot be soaked")
        if not program:
            raise common.Failure("envoy is missing (expected: on PATH, or named by ENVOY)")
        command = (peers.handfast_command if self.handfast else peers.envoy_command)(program, file)
        self.proxy = common.start(
            command, log=self.log, env={**os.environ, **({"JDK_JAVA_OPTIONS": LEAKS} if self.handfast else {})})
        for name in config.LISTENERS:
            common.await_port(self.ports[name], self.proxy, self.log)
        self.descriptors = self.count_descriptors()

    @property
    def handfast(self):
        return self.options.proxy == "Handfast"

    def start_upstream(self, name):
        ports = self.upstreams[name]
        process = self.java(name, "SoakUpstreamMain", ports["http"], ports["grpc"], ports["tcp"])
        for port in ports.values():
            common.await_port(port, process, self.directory / (name + ".log"))
        await_http2(ports["grpc"])

    def load(self, seconds):
        """The clients, and what happens to all around them meanwhile."""
        clients = self.java(
            "clients", "SoakLoadMain", self.ports["http"], self.ports["tls"], self.ports["tcp"], self.keys, self.options.seed,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = []
        reading = threading.Thread(target=lambda: said.extend(clients.stdout), daemon=True)
        reading.start()
        begun, cpu = time.monotonic(), common.cpu_seconds(self.proxy.pid)
        due = {self.push: PUSH, self.rotate: ROTATE, self.restart: RESTART}
        every, told = dict(due), 60
        while (now := time.monotonic() - begun) < seconds:
            self.check_running()
            self.rss.append((now, common.memory_mib(self.proxy.pid)[0]))
            for step in due:
                if due[step] <= now:
                    step()
                    due[step] = time.monotonic() - begun + every[step]
            if self.asleep is None and now > seconds / 4:
                self.asleep = verdict.asleep(self.stats())
                if self.handfast:
                    self.heap, self.direct = xds.live_heap_mib(self.proxy.pid), self.direct_percent()
            if now >= told:
                print("%.0f minutes: RSS %.0f MiB, %d restarts, %d rotations, %d pushes, %d exchanges failed" % (
                    now / 60, self.rss[-1][1], len(self.windows), self.rotations, self.revision, len(said)), flush=True)
                told += 60
            time.sleep(0.5)
        self.cpu = (common.cpu_seconds(self.proxy.pid) - cpu) / seconds
        self.seconds = seconds
        clients.stdin.write("\n")
        clients.stdin.flush()
        reading.join(4 * PATIENCE)
        if reading.is_alive():
            raise common.Failure("the clients do not come to an end:\n" + "".join(said[-5:]))
        lines = [json.loads(line) for line in said]
        self.said, self.failures = lines[-1], lines[:-1]

    def check_running(self):
        for name, process in (("proxy", self.proxy), *self.running.items()):
            if process.poll() is not None:
                raise common.Failure("%s ended with %d:\n%s" % (
                    name, process.returncode, common.tail(self.directory / (name + ".log"))))

    def push(self):
        """Other clusters and other routes."""
        self.revision += 1
        config.put(self.directory / "clusters.json", config.clusters(self.upstreams, self.revision))
        config.put(self.directory / "routes.json", config.routes(self.revision))

    def rotate(self):
        """Another certificate of the same authority. Key and certificate are two files, and for a moment do not fit."""
        self.rotations += 1
        self.renewed.put(self.keys)

    def restart(self):
        """SIGKILL and SIGTERM in turn, and until it serves again its exchanges may fail."""
        begun = time.time() * 1000
        process = self.running[config.RESTARTED]
        os.killpg(process.pid, signal.SIGKILL if len(self.windows) % 2 == 0 else signal.SIGTERM)
        process.wait()
        self.start_upstream(config.RESTARTED)
        self.windows.append((begun, time.time() * 1000))

    def count_descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.proxy.pid))

    def stats(self):
        said = urllib.request.urlopen("http://127.0.0.1:%d/stats" % self.ports["admin"], timeout=PATIENCE).read().decode()
        return read_stats(said)

    def direct_percent(self):
        """What Netty has of the direct memory that it may have, whatever it allocates with; free buffers that it keeps count."""
        return self.stats()[DIRECT]

    def idle(self, but=""):
        """What is open or under way when nobody wants anything any more."""
        end = time.monotonic() + PATIENCE
        while (left := verdict.active(self.stats(), but)) and time.monotonic() < end:
            time.sleep(0.2)
        return ["%s is %d (expected: 0)" % one for one in sorted(left.items())]

    def end(self):
        """Looks at everything, prints it, and says what is a breach."""
        rows, breaches = verdict.sorted_out(self.said, self.failures, self.windows)
        breaches += self.idle(but="upstream_cx_active")
        for name in self.upstreams:
            common.stop(self.running.pop(name))
        breaches += self.idle()
        stats = self.stats()
        rejected = {name: stats[name] for name in stats if name.endswith("update_rejected") and stats[name]}
        breaches += ["%s is %d (expected: 0)" % one for one in rejected.items()]
        breaches += verdict.unapplied(stats, self.revision) + verdict.unseen(self.said["certificates"], self.rotations)
        breaches += self.asleep
        leaks, heap, direct = [], 0.0, 0
        if self.handfast:
            heap, direct = xds.live_heap_mib(self.proxy.pid), self.direct_percent()
            for _ in range(50):  # new buffers ask the detector what the collector has found
                self.stats()
            leaks, told = verdict.from_log(self.log.read_text(errors="replace").splitlines())
            breaches += told
        breaches += verdict.memory_breaches(
            self.rss, self.options.minutes, (self.heap, heap), (self.direct, direct),
            (self.descriptors, self.count_descriptors()))
        self.report(rows, heap, direct, leaks, breaches)
        return breaches

    def report(self, rows, heap, direct, leaks, breaches):
        common.table(["exchanges", "right", "reset on purpose", "failed, its upstream was down", "lost"], rows)
        total = sum(row[1] for row in rows)
        first, middle, last = (self.rss[int(part * (len(self.rss) - 1))][1] for part in (0, 0.5, 1))
        common.table(["", self.options.proxy], [
            ["exchanges answered right, a second", "%.0f" % (total / self.seconds)],
            ["CPU, % of a core", "%.0f" % (self.cpu * 100)],
            ["upstream restarted / certificate rotated / configuration pushed", "%d / %d / %d" % (
                len(self.windows), self.rotations, self.revision)],
            ["certificates seen", self.said["certificates"]],
            ["RSS at the start, half-way, at the end, MiB", "%.0f, %.0f, %.0f" % (first, middle, last)],
            ["RSS, slope of the second half, MiB a minute", "%.2f%s" % (
                verdict.slope(self.rss), "" if self.options.minutes >= verdict.LEAST_JUDGED_MINUTES else " (too short to judge)")],
            *([["live heap a quarter in, under load → at the end, idle, MiB", "%.1f → %.1f" % (self.heap, heap)],
               ["direct memory, likewise, % of its limit", "%d → %d" % (self.direct, direct)],
               ["leaks told by Netty", len(leaks)]] if self.handfast else []),
            ["file descriptors before → after", "%d → %d" % (self.descriptors, self.count_descriptors())],
            ["**breaches**", "**%d**" % len(breaches)]])
        print(common.machine())
        for breach in breaches[:40]:
            print("BREACH: " + breach)
        if len(breaches) > 40:
            print("... and %d more" % (len(breaches) - 40))

    def close(self):
        for process in (*self.running.values(), *([self.proxy] if hasattr(self, "proxy") else [])):
            common.stop(process)


class Renewals:
    """Certificates of the server, all of the same authority."""

    def __init__(self, openssl, directory):
        self.openssl, self.directory, self.count = openssl, directory / "renewed", 0
        self.directory.mkdir()

    def put(self, keys):
        self.count += 1
        made = certificates.issue(self.openssl, keys, "server", self.directory / str(self.count))
        for name in ("server.key", "server.pem"):
            config.put(keys / name, (made / name).read_text())


def read_stats(text):
    """Gauges and counters by name, of what /stats says."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(": ")
        if value.isdigit():
            found[name] = int(value)
    return found
