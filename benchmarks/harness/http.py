"""Proxies side by side: one upstream, the proxy on a core of its own, one load generator, A B C, C B A."""
import dataclasses
import functools
import os
import pathlib
import tempfile
import time

from harness import certificates, clusters, common, cost, load, peers, startup, syscalls, tcp, warmup

BODY_BYTES = 1024


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



def plain_upstream(programs, directory):
    """The one of HTTP/1.1: its process and its port."""
    return start_upstream(WORKLOADS["h1"], programs, directory)


# What is measured in other ways: of (programs, directory, options), rows and versions.
OTHERS = {
    "tcp": tcp.measure,
    "start-up": lambda programs, directory, options: startup.measure(
        programs, directory, options, functools.partial(plain_upstream, programs)),
    "warm-up": lambda programs, directory, options: warmup.measure(
        programs, directory, options, functools.partial(plain_upstream, programs)),
    "cluster-cost": cost.measure,
    "clusters-100": clusters.measure(100),
    "clusters-1000": clusters.measure(1000),
}
NAMES = (*WORKLOADS, *OTHERS)
DEFAULT = (*WORKLOADS, "tcp", "start-up")


def run(options):
    if len(os.sched_getaffinity(0)) < 2:
        raise common.Failure("one CPU only (expected: two, one for the proxy and one for the rest)")
    begun = time.monotonic()
    common.build()
    programs = find_programs()
    if options.syscalls:
        programs["strace"] = common.find("strace", "no system calls are counted")
        if not programs["strace"]:
            raise common.Failure("--syscalls needs strace")
    rows, versions = [], {}
    for name in options.workloads:
        if name in OTHERS:
            with tempfile.TemporaryDirectory(prefix="handfast-benchmark-") as directory:
                seen, who = OTHERS[name](programs, pathlib.Path(directory), options)
            rows += seen
            versions.update(who)
            continue
        workload = WORKLOADS[name]
        missing = [program for program in needs(workload) if not programs[program]]
        if missing:
            print("%s is left out: needs %s." % (workload.title, " and ".join(missing)))
            continue
        with tempfile.TemporaryDirectory(prefix="handfast-benchmark-") as directory:
            measured = measure(workload, programs, pathlib.Path(directory), options)
        rows += (syscalls.rows_of(workload.title, {peer.name: peer.calls for peer in measured}) if options.syscalls
                 else rows_of(workload, measured))
        versions.update((peer.name, peers.version(peer.name, programs[peer.name])) for peer in measured)
    report(rows, versions, programs, options)
    print("This took %.1f minutes." % ((time.monotonic() - begun) / 60))


def find_programs():
    """Paths by name; None, and a line, for what is missing."""
    found = {"Handfast": peers.handfast_program()}
    for name, what_for in (
            ("Envoy", "not compared (benchmarks/setup-peers fetches it)"), ("HAProxy", "not compared, and no mTLS"),
            ("nginx", "not compared, and a Java upstream"), ("nghttpx", "not compared"),
            ("wrk", "the Java load generator saturates instead"), ("h2load", "no gRPC"), ("nghttpd", "no gRPC"),
            ("openssl", "no mTLS"), ("cc", "latencies of gRPC are left out, and those of HTTP/1.1 are a cold JVM's")):
        found[name] = common.find(name.lower(), what_for)
    if os.environ.get("LINKERD2_PROXY"):
        print("LINKERD2_PROXY: not compared, for it serves nothing without the identity, destination and policy services of Linkerd.")
    found["pace"] = load.pace_program(found["cc"])
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
        peers.warm_up(peer, workload.title, lambda: saturate(
            peer, workload, programs, body, options, peers.WARM_UP_SLICE), options.warm_up)
        if options.syscalls:
            peer.calls = syscalls.count(peer, programs["strace"], lambda: saturate(
                peer, workload, programs, body, options, options.seconds)["requests"], directory)
    for nth in range(0 if options.syscalls else options.rounds):
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


def saturate(peer, workload, programs, body, options, seconds):
    if workload.http2:
        return costing(peer, lambda: load.h2load(programs["h2load"], peer.load_port, body, seconds))
    if programs["wrk"]:
        return costing(peer, lambda: load.wrk(programs["wrk"], peer.load_port, options.connections, seconds))
    return costing(peer, lambda: load.generator(peer.load_port, options.connections, seconds))


def paced(peer, workload, programs, body, options):
    common.settle(peer.process.pid)
    if programs["pace"]:
        return costing(peer, pace(peer, workload, programs, options).go)
    if workload.http2:
        return costing(peer, lambda: load.h2load_paced(programs["h2load"], peer.load_port, body, options.seconds))
    return costing(
        peer, lambda: load.generator(peer.load_port, options.connections, options.seconds, load.FIXED_RATE))


def pace(peer, workload, programs, options):
    """Connected already: handshakes are not what a request costs."""
    kind, path, connections = (
        ("grpc", load.METHOD, load.STREAM_CONNECTIONS) if workload.http2 else ("h1", "/", options.connections))
    return load.Pace(programs["pace"], kind, peer.load_port, path, connections, load.FIXED_RATE, options.seconds)


def costing(peer, drive):
    before = common.cpu_seconds(peer.process.pid)
    seen = drive()
    cpu = common.cpu_seconds(peer.process.pid) - before
    return {"requests": seen.requests, "rate": seen.requests / seen.seconds, "cpu": cpu / seen.requests * 1e6, **seen.latencies}


def rows_of(workload, measured):
    """Rows of (title, {peer: cell}); beside a peer's CPU and p99 stands how much of it Handfast has, paired by round."""
    def row(what, cells):
        return "%s: %s" % (workload.title, what), cells

    def compared(runs, figure):
        return peers.compared(measured, lambda peer: [one[figure] for one in getattr(peer, runs)],
                              "%.1f" if figure == "cpu" else "%.0f")

    def both(first, second, form, runs):
        return {peer.name: "%s / %s" % tuple(common.median([one[name] for one in getattr(peer, runs)], form)
                                         for name in (first, second)) for peer in measured}

    rows = [
        row("requests/s, saturated", {
            peer.name: common.median([one["rate"] for one in peer.saturated], "%.0f") for peer in measured}),
        row("CPU µs/request, saturated", compared("saturated", "cpu")),
        row("CPU µs/request at %d/s" % load.FIXED_RATE, compared("fixed", "cpu")),
    ]
    if all("p99" in one for peer in measured for one in peer.fixed):
        rows += [row("p99 µs at %d/s" % load.FIXED_RATE, compared("fixed", "p99")),
                 row("p50 / p999 µs at %d/s" % load.FIXED_RATE, both("p50", "p999", "%.0f", "fixed"))]
    rows.append(row("RSS / PSS loaded, MiB", {peer.name: "%.0f / %.0f" % (peer.rss, peer.pss) for peer in measured}))
    return rows


def report(rows, versions, programs, options):
    if not rows:
        raise common.Failure("nothing was measured")
    print("\n%s\n%s\n%d rounds of %d s; medians. Beside a peer's figure: Handfast's ÷ its own, paired within a round "
          "(least–greatest); below 1 Handfast takes less.\nUpstream: %s for HTTP/1.1, nghttpd for gRPC; load at "
          "saturation: %s, h2load." % (
              common.machine(), ", ".join(dict.fromkeys(versions.values())), options.rounds, options.seconds,
              "nginx" if programs["nginx"] else "Java", "wrk" if programs["wrk"] else "Java"))
    common.table(["", *versions], [[title, *(cells.get(name, "–") for name in versions)] for title, cells in rows])
