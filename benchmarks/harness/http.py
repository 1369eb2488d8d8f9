"""HTTP/1.1 keep-alive, 1 KiB: one upstream, one proxy on a core of its own, one load generator, A B A B."""
import os
import pathlib
import re
import subprocess
import tempfile

from harness import common

PROXY_CPU, OTHER_CPU = 0, 1
BODY_BYTES = 1024
FIXED_RATE = 3000
NATIVE_WARM_UP = 2
TEMPLATES = common.HOME / "benchmarks/http"


class Peer:
    """A proxy that runs."""

    def __init__(self, name, version, process, port, warm_up):
        self.name, self.version, self.process, self.port, self.warm_up = name, version, process, port, warm_up
        self.saturated, self.fixed = [], []


def run(options):
    if len(os.sched_getaffinity(0)) < 2:
        raise common.Failure("one CPU only (expected: two, one for the proxy and one for the rest)")
    common.build()
    nginx = common.on_path("nginx", "nothing to compare with, and a Java upstream")
    wrk = common.on_path("wrk", "the Java load generator saturates instead")
    with tempfile.TemporaryDirectory(prefix="handfast-benchmark-") as name:
        directory = pathlib.Path(name)
        upstream = start_upstream(nginx, directory)
        peers = [start_handfast(directory, upstream, options)]
        if nginx:
            peers.append(start_nginx_proxy(nginx, directory, upstream))
        for peer in peers:
            saturate(wrk, peer, options.connections, peer.warm_up)
        for nth in range(options.rounds):
            for peer in peers if nth % 2 == 0 else reversed(peers):
                peer.saturated.append(saturate(wrk, peer, options.connections, options.seconds))
                peer.fixed.append(at_fixed_rate(peer, options))
            print("round %d: %s" % (nth + 1, ", ".join(
                "%s %.1f µs" % (peer.name, peer.saturated[-1]["cpu"]) for peer in peers)), flush=True)
        report(peers, options, wrk, nginx)
        for peer in peers:
            common.stop(peer.process)


def fill(template, target, **values):
    text = (TEMPLATES / template).read_text()
    for name, value in values.items():
        text = text.replace("${%s}" % name, str(value))
    target.write_text(text)
    return target


def start_upstream(nginx, directory):
    port, log = common.free_port(), directory / "upstream.log"
    if nginx:
        config = fill("nginx-upstream.conf", directory / "upstream.conf", port=port, directory=directory,
                      body="x" * BODY_BYTES)
        command = [nginx, "-c", config, "-e", log]
    else:
        command = [common.java(), "-XX:+UseSerialGC", "-Xmx256m", "-cp", "%s/*" % common.LIB,
                   "io.handfast.benchmarks.load.UpstreamMain", port, BODY_BYTES]
    common.await_port(port, common.start(command, OTHER_CPU, log), log)
    return port


def start_handfast(directory, upstream, options):
    port, log = common.free_port(), directory / "handfast.log"
    config = fill("handfast.yaml", directory / "handfast.yaml", port=port, upstream=upstream,
                  admin=common.free_port())
    launcher = str(common.HOME / "handfast")
    version = subprocess.run([launcher, "--version"], capture_output=True, text=True).stdout.strip()
    process = common.start([launcher, "proxy", "-c", config, "--concurrency", "1"], PROXY_CPU, log)
    common.await_port(port, process, log)
    return Peer("Handfast", version, process, port, options.warm_up)


def start_nginx_proxy(nginx, directory, upstream):
    port, log = common.free_port(), directory / "nginx.log"
    config = fill("nginx-proxy.conf", directory / "nginx.conf", port=port, upstream=upstream, directory=directory)
    process = common.start([nginx, "-c", config, "-e", log], PROXY_CPU, log)
    common.await_port(port, process, log)
    version = subprocess.run([nginx, "-v"], capture_output=True, text=True).stderr.strip().rpartition("/")[2]
    return Peer("nginx", "nginx " + version, process, port, NATIVE_WARM_UP)


def saturate(wrk, peer, connections, seconds):
    before = common.cpu_seconds(peer.process.pid)
    if wrk:
        done = subprocess.run(
            ["taskset", "-c", str(OTHER_CPU), wrk, "-t", "1", "-c", str(connections), "-d", "%ds" % max(1, seconds),
             "http://127.0.0.1:%d/" % peer.port], capture_output=True, text=True)
        requests = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
        if not requests or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
            raise common.Failure("wrk on %s:\n%s%s" % (peer.name, done.stdout, done.stderr))
        count, took = int(requests[1]), float(requests[2])
    else:
        count, took, _ = generate(peer, connections, seconds, 0)
    cpu = common.cpu_seconds(peer.process.pid) - before
    return {"rate": count / took, "cpu": cpu / count * 1e6}


def at_fixed_rate(peer, options):
    before = common.cpu_seconds(peer.process.pid)
    count, _, seen = generate(peer, options.connections, options.seconds, FIXED_RATE)
    cpu = common.cpu_seconds(peer.process.pid) - before
    return {"cpu": cpu / count * 1e6, "p50": seen["p50_us"], "p99": seen["p99_us"], "p999": seen["p999_us"]}


def generate(peer, connections, seconds, rate):
    seen = common.load(
        common.java(), OTHER_CPU, port=peer.port, clients=connections, seconds=seconds, rate=rate)
    if set(seen["statuses"]) != {"200"}:
        raise common.Failure("%s answered %s (expected: 200 only)" % (peer.name, seen["statuses"]))
    return seen["requests"], seen["seconds"], seen


def report(peers, options, wrk, nginx):
    print("\nHTTP/1.1 keep-alive, 1 KiB, %d connections, %d rounds of %g s; medians (least–greatest)\n%s; %s; "
          "upstream %s, load at saturation %s" % (
              options.connections, options.rounds, options.seconds, common.machine(),
              ", ".join(peer.version for peer in peers), "nginx" if nginx else "Java", "wrk" if wrk else "Java"))
    rows = [
        ["requests/s, saturated", *(common.middle([one["rate"] for one in peer.saturated], "%.0f") for peer in peers)],
        ["CPU µs/request, saturated", *(common.middle([one["cpu"] for one in peer.saturated]) for peer in peers)],
        ["CPU µs/request at %d/s" % FIXED_RATE, *(common.middle([one["cpu"] for one in peer.fixed]) for peer in peers)],
    ]
    for quantile in ("p50", "p99", "p999"):
        rows.append(["%s µs at %d/s" % (quantile, FIXED_RATE),
                     *(common.middle([one[quantile] for one in peer.fixed], "%.0f") for peer in peers)])
    rows.append(["RSS / PSS loaded, MiB", *("%.0f / %.0f" % common.memory_mib(peer.process.pid) for peer in peers)])
    common.table(["", *(peer.name for peer in peers)], rows)
    for other in peers[1:]:
        for what, runs in (("saturated", "saturated"), ("at %d/s" % FIXED_RATE, "fixed")):
            ratios = [a["cpu"] / b["cpu"] for a, b in zip(getattr(peers[0], runs), getattr(other, runs))]
            print("CPU per request %s: %s × %s, paired within a round" % (
                what, common.middle(ratios, "%.2f"), other.name))
