"""Proxies side by side: one upstream, the proxy on a core of its own, one load generator, A B C, C B A."""
import dataclasses
import os
import pathlib
import tempfile
import time

from harness import certificates, common, load, peers

BODY_BYTES = 1024
WARM_UP_SLICE = 3
QUANTILES = ("p50", "p99", "p999")


@dataclasses.dataclass(frozen=True)
class Workload:
    """What goes through, and which proxies it is measured with."""

    name: str
    title: str
    http2: bool
    tls: bool
    peers: tuple

    @property
    def alpn(self):
        return "h2" if self.http2 else "http/1.1"


WORKLOADS = {workload.name: workload for workload in (
    Workload("h1", "HTTP/1.1", False, False, ("Envoy", "HAProxy", "nginx")),
    Workload("grpc", "gRPC", True, False, ("Envoy", "HAProxy", "nghttpx")),
    Workload("mtls", "HTTP/1.1, mTLS", False, True, ("Envoy", "HAProxy", "nginx")),
    Workload("mtls-grpc", "gRPC, mTLS", True, True, ("Envoy", "HAProxy", "nghttpx")),
)}


def run(options):
    if len(os.sched_getaffinity(0)) < 2:
        raise common.Failure("one CPU only (expected: two, one for the proxy and one for the rest)")
    common.build()
    programs = find_programs()
    rows, versions = [], {}
    for name in options.workloads:
        workload = WORKLOADS[name]
        missing = [program for program in needs(workload) if not programs[program]]
        if missing:
            print("%s is left out: needs %s." % (workload.title, " and ".join(missing)))
            continue
        with tempfile.TemporaryDirectory(prefix="handfast-benchmark-") as directory:
            measured = measure(workload, programs, pathlib.Path(directory), options)
        rows += rows_of(workload, measured)
        versions.update((peer.name, peers.version(peer.name, programs[peer.name])) for peer in measured)
    report(rows, versions, programs, options)


def find_programs():
    """Paths by name; None, and a line, for what is missing."""
    found = {"Handfast": str(common.HOME / "handfast")}
    for name, what_for in (
            ("Envoy", "not compared (benchmarks/setup-peers fetches it)"), ("HAProxy", "not compared, and no mTLS"),
            ("nginx", "not compared, and a Java upstream"), ("nghttpx", "not compared"),
            ("wrk", "the Java load generator saturates instead"), ("h2load", "no gRPC"), ("nghttpd", "no gRPC"),
            ("openssl", "no mTLS")):
        found[name] = common.find(name.lower(), what_for)
    return found


def needs(workload):
    """Of HAProxy mTLS needs the client's side too: load generators have no certificates."""
    return (("h2load", "nghttpd") if workload.http2 else ()) + (("openssl", "HAProxy") if workload.tls else ())


def measure(workload, programs, directory, options):
    """The peers with what was measured, in the order of the table."""
    keys = certificates.make(programs["openssl"], directory / "certificates") if workload.tls else None
    upstream = start_upstream(workload, programs, directory)
    body = directory / "message"
    body.write_bytes(b"\0" + (BODY_BYTES - 5).to_bytes(4, "big") + b"x" * (BODY_BYTES - 5))
    running = []
    for name in ("Handfast", *workload.peers):
        if programs[name]:
            peer = peers.start(name, programs[name], workload, directory, upstream[1], keys)
            running.append(peer)
    helpers = [start_client_side(peer, workload, programs, directory, keys) for peer in running if workload.tls]
    for peer in running:
        warm_up(peer, workload, programs, body, options)
    for nth in range(options.rounds):
        for peer in running if nth % 2 == 0 else reversed(running):
            peer.saturated.append(saturate(peer, workload, programs, body, options, options.seconds))
            peer.fixed.append(paced(peer, workload, programs, body, options))
        print("%s, round %d: %s" % (workload.title, nth + 1, ", ".join(
            "%s %.1f µs" % (peer.name, peer.saturated[-1]["cpu"]) for peer in running)), flush=True)
    for peer in running:
        peer.rss, peer.pss = common.memory_mib(peer.process.pid)
    for process in [upstream[0], *helpers, *(peer.process for peer in running)]:
        common.stop(process)
    return running


def start_upstream(workload, programs, directory):
    """Answers 200 and 1 KiB to everything, gRPC with the trailer that says so."""
    port, log = common.free_port(), directory / "upstream.log"
    if workload.http2:
        content = directory / "content" / "benchmark.Service"
        content.mkdir(parents=True)
        (content / "Method").write_bytes(b"\0" + (BODY_BYTES - 5).to_bytes(4, "big") + b"x" * (BODY_BYTES - 5))
        command = [programs["nghttpd"], "--no-tls", "--address=127.0.0.1", "--htdocs=%s" % content.parent,
                   "--trailer=grpc-status: 0", port]
    elif programs["nginx"]:
        command = [programs["nginx"], "-e", log, "-c", peers.fill(
            "nginx-upstream.conf", directory / "upstream.conf", port=port, directory=directory, body="x" * BODY_BYTES)]
    else:
        command = [common.java(), "-XX:+UseSerialGC", "-Xmx256m", "-cp", "%s/*" % common.LIB,
                   "io.handfast.benchmarks.load.UpstreamMain", port, BODY_BYTES]
    process = common.start(command, load.CPU, log)
    common.await_port(port, process, log)
    return process, port


def start_client_side(peer, workload, programs, directory, keys):
    """What shows a certificate to a peer on behalf of the load generator."""
    port, log = common.free_port(), directory / ("client-of-%s.log" % peer.name)
    config = peers.client_side(workload, directory / ("client-of-%s.cfg" % peer.name), port, peer.port, keys)
    process = common.start([programs["HAProxy"], "-db", "-f", config], load.CPU, log)
    common.await_port(port, process, log)
    peer.load_port = port
    return process


def warm_up(peer, workload, programs, body, options):
    """A moment for a native proxy; for a JVM until its compilers have little left to do, or the time is up."""
    begun = time.monotonic()
    while True:
        cpu, compilers = common.cpu_seconds(peer.process.pid), common.compiler_seconds(peer.process.pid)
        saturate(peer, workload, programs, body, options, WARM_UP_SLICE)
        share = common.share(
            common.compiler_seconds(peer.process.pid) - compilers, common.cpu_seconds(peer.process.pid) - cpu)
        took = time.monotonic() - begun
        if share <= common.WARM_SHARE or took + WARM_UP_SLICE > options.warm_up:
            print("%s, %s: %.0f s of warm-up%s" % (
                workload.title, peer.name, took, ", compilers take %.0f %%" % (share * 100) if compilers else ""),
                flush=True)
            return


def saturate(peer, workload, programs, body, options, seconds):
    if workload.http2:
        return costing(peer, lambda: load.h2load(programs["h2load"], peer.load_port, body, seconds))
    if programs["wrk"]:
        return costing(peer, lambda: load.wrk(programs["wrk"], peer.load_port, options.connections, seconds))
    return costing(peer, lambda: load.generator(peer.load_port, options.connections, seconds))


def paced(peer, workload, programs, body, options):
    if workload.http2:
        return costing(peer, lambda: load.h2load_paced(programs["h2load"], peer.load_port, body, options.seconds))
    return costing(
        peer, lambda: load.generator(peer.load_port, options.connections, options.seconds, load.FIXED_RATE))


def costing(peer, drive):
    before = common.cpu_seconds(peer.process.pid)
    seen = drive()
    cpu = common.cpu_seconds(peer.process.pid) - before
    return {"rate": seen.requests / seen.seconds, "cpu": cpu / seen.requests * 1e6, **seen.latencies}


def rows_of(workload, measured):
    """Rows of (title, {peer: cell}); beside a peer's CPU stands how much of it Handfast takes, paired by round."""
    def row(what, cell):
        return "%s: %s" % (workload.title, what), {peer.name: cell(peer) for peer in measured}

    def cpu(runs):
        return lambda peer: "%s%s" % (
            common.median([one["cpu"] for one in getattr(peer, runs)], "%.1f"),
            "" if peer is measured[0] else "; %s ×" % common.middle(
                ratios(getattr(measured[0], runs), getattr(peer, runs)), "%.2f"))

    rows = [
        row("requests/s, saturated", lambda peer: common.median([one["rate"] for one in peer.saturated], "%.0f")),
        row("CPU µs/request, saturated", cpu("saturated")),
        row("CPU µs/request at %d/s" % load.FIXED_RATE, cpu("fixed")),
    ]
    if not workload.http2:
        rows.append(row(" / ".join(QUANTILES) + " µs at %d/s" % load.FIXED_RATE, lambda peer: " / ".join(
            common.median([one[quantile] for one in peer.fixed], "%.0f") for quantile in QUANTILES)))
    rows.append(row("RSS / PSS loaded, MiB", lambda peer: "%.0f / %.0f" % (peer.rss, peer.pss)))
    return rows


def ratios(ours, theirs):
    """Of CPU per request, each round by itself."""
    return [a["cpu"] / b["cpu"] for a, b in zip(ours, theirs)]


def report(rows, versions, programs, options):
    if not rows:
        raise common.Failure("nothing was measured")
    print("\n%s\n%s\n%d rounds of %d s; medians. Beside a peer's CPU: Handfast's ÷ its own, paired within a round "
          "(least–greatest); below 1 Handfast takes less.\nUpstream: %s for HTTP/1.1, nghttpd for gRPC; load at "
          "saturation: %s, h2load." % (
              common.machine(), ", ".join(versions.values()), options.rounds, options.seconds,
              "nginx" if programs["nginx"] else "Java", "wrk" if programs["wrk"] else "Java"))
    common.table(["", *versions], [[title, *(cells.get(name, "–") for name in versions)] for title, cells in rows])
