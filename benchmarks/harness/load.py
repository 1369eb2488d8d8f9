"""What drives a proxy, and what it said about that."""
import json
import math
import re
import subprocess
import time

from harness import common

CPU = 1
TRIES = 3
FIXED_RATE = 3000
STREAMS, STREAM_CONNECTIONS = 100, 10

# h2load paces by ticks of 10 ms: spread over so many connections, begun one after the other, requests are even.
PACED_CONNECTIONS = 30
METHOD = "/benchmark.Service/Method"
GRPC = ["-H", "content-type: application/grpc", "-H", "te: trailers"]


class Seen:
    """How many requests went through in how many seconds; latencies in µs by name, and answers in each second, where known."""

    def __init__(self, requests, seconds, latencies=None, each_second=()):
        self.requests, self.seconds, self.latencies, self.each_second = requests, seconds, latencies or {}, each_second


def wrk(path, port, connections, seconds):
    """HTTP/1.1, as fast as it goes."""
    return wrk_seen(said([path, "-t", "1", "-c", connections, "-d", "%ds" % seconds, "--timeout", "30s",
                          "http://127.0.0.1:%d/" % port]))


def wrk_seen(text):
    requests = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", text)
    if not requests or "Non-2xx" in text or "Socket errors" in text:
        raise common.Failure("wrk saw errors (expected: answers of status 200 only):\n" + text)
    return Seen(int(requests[1]), float(requests[2]) * {"ms": 1e-3, "s": 1, "m": 60}[requests[3]])


def generator(port, connections, seconds, rate=0):
    """HTTP/1.1 by the load generator of this module; rate 0: as fast as it goes."""
    seen = common.load(common.java(), CPU, port=port, clients=connections, seconds=seconds, rate=rate)
    if set(seen["statuses"]) != {"200"}:
        raise common.Failure("port %d answered %s (expected: 200 only)" % (port, seen["statuses"]))
    return Seen(seen["requests"], seen["seconds"],
                {name: seen[name + "_us"] for name in ("p50", "p99", "p999")})


class Pace:
    """The load generator in C: connected, and one answer had on each connection, when it is made; then it waits for `go`."""

    def __init__(self, program, kind, port, path, connections, rate, seconds):
        self.port, self.command = port, [program, kind, port, path, connections, rate, seconds]
        for left in reversed(range(TRIES)):
            self.process = common.start(
                self.command, CPU, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if self.process.stdout.readline() == "ready\n":
                return
            if not left:
                self.fail()
            # What a load broke off before may still end connections between proxy and upstream. Nothing is measured yet.
            print("Port %d, before the measurement: %s" % (port, self.process.stderr.read().strip()), flush=True)
            time.sleep(1)

    def go(self):
        """Begins, and waits for the end."""
        self.begin()
        return self.seen()

    def begin(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def seen(self):
        said = self.process.stdout.read()
        if self.process.wait():
            self.fail()
        common.stop(self.process)
        return pace_seen(said)

    def fail(self):
        raise common.Failure("pace saw errors on port %d (expected: answers of status 200 only):\n%s" % (
            self.port, self.process.stderr.read()))


def pace_seen(text):
    seen = json.loads(text)
    return Seen(seen["requests"], seen["seconds"], {name: seen[name + "_us"] for name in ("p50", "p99", "p999")},
                seen["each_second"])


def pace_program(compiler):
    """Compiles it where its source is newer; None without a compiler."""
    source, program = common.HOME / "benchmarks/src/load/pace.c", common.HOME / "benchmarks/target/pace"
    if compiler and (not program.exists() or program.stat().st_mtime < source.stat().st_mtime):
        program.parent.mkdir(exist_ok=True)
        done = subprocess.run([compiler, "-O2", "-o", program, source], capture_output=True, text=True)
        if done.returncode:
            raise common.Failure("pace.c: " + done.stderr)
    return compiler and str(program)


def h2load(path, port, body, seconds):
    """gRPC's messages over HTTP/2, as fast as they go."""
    return h2load_seen(said(
        [path, "-t", 1, "-c", STREAM_CONNECTIONS, "-m", STREAMS, "-D", seconds, "-d", body, *GRPC, url(port)]))


def h2load_paced(path, port, body, seconds):
    """The same at FIXED_RATE."""
    return h2load_seen(said(
        [path, "-t", 1, "-c", PACED_CONNECTIONS, "-m", STREAMS, "-n", math.ceil(FIXED_RATE * seconds), "-r", 3,
         "--rate-period", "1ms", "--rps", FIXED_RATE // PACED_CONNECTIONS, "-d", body, *GRPC, url(port)]))


def h2load_seen(text):
    took = re.search(r"finished in ([\d.]+)(us|ms|s|m)", text)
    counts = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", text)
    statuses = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text)
    if not took or not counts or not statuses or set(counts.groups()[1:]) != {"0"} or set(statuses.groups()[1:]) != {"0"}:
        raise common.Failure("h2load saw errors (expected: answers of status 200 only):\n" + text)
    if counts[1] == "0":
        raise common.Failure("h2load had no answer:\n" + text)
    return Seen(int(counts[1]), float(took[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[took[2]])


def url(port):
    return "http://127.0.0.1:%d%s" % (port, METHOD)


def said(command):
    done = subprocess.run(["taskset", "-c", str(CPU), *map(str, command)], capture_output=True, text=True)
    return done.stdout + done.stderr
