"""TCP pass-through: gibibytes from an upstream to a client, and what each costs the proxy."""
import functools
import subprocess
import sys

from harness import common, load, peers

GIB = 2**30
PLAIN, SPLICED = "HAProxy", "HAProxy, splice"


def measure(programs, directory, options):
    """Rows of the table, and the versions of who is in it."""
    upstream, log = common.free_port(), directory / "upstream.log"
    source = common.start(python("source", upstream), load.CPU, log, cwd=common.HOME / "benchmarks")
    common.await_port(upstream, source, log)
    running = []
    for name, program in (("Handfast", "Handfast"), ("Envoy", "Envoy"), (PLAIN, "HAProxy"), (SPLICED, "HAProxy")):
        if programs[program]:
            peer = peers.launch(name, functools.partial(COMMANDS[name], programs[program]), directory, upstream)
            peer.version = peers.version(program, programs[program])
            peer.transfers = []
            running.append(peer)
    for peer in running:
        peers.warm_up(peer, "TCP", lambda: transfer(peer, GIB), options.warm_up)
    for nth in range(options.rounds):
        for peer in running if nth % 2 == 0 else reversed(running):
            peer.transfers.append(transfer(peer, int(options.gib * GIB)))
        print("TCP, round %d: %s" % (nth + 1, ", ".join(
            "%s %.2f s/GiB" % (peer.name, peer.transfers[-1]["cpu"]) for peer in running)), flush=True)
    for peer in running:
        peer.rss, peer.pss = common.memory_mib(peer.process.pid)
    for process in [source, *(peer.process for peer in running)]:
        common.stop(process)
    return rows_of(running), {peer.name: peer.version for peer in running}


def python(*arguments):
    return [sys.executable, "-m", "harness.stream", *map(str, arguments)]


def transfer(peer, size):
    cpu = common.cpu_seconds(peer.process.pid)
    done = subprocess.run(
        ["taskset", "-c", str(load.CPU), *python("drain", peer.port, size)], cwd=common.HOME / "benchmarks",
        capture_output=True, text=True)
    count, seconds = done.stdout.split() if done.returncode == 0 else (0, 0)
    if int(count) != size:
        raise common.Failure("%s: %s bytes came (expected: %d)\n%s" % (peer.name, count, size, done.stderr))
    cpu = common.cpu_seconds(peer.process.pid) - cpu
    return {"cpu": cpu / size * GIB, "rate": size / GIB / float(seconds)}


def rows_of(measured):
    return [
        ("TCP: GiB/s", {peer.name: common.median([one["rate"] for one in peer.transfers], "%.2f") for peer in measured}),
        ("TCP: CPU s/GiB", peers.compared(measured, lambda peer: [one["cpu"] for one in peer.transfers], "%.2f")),
        ("TCP: RSS / PSS loaded, MiB", {peer.name: "%.0f / %.0f" % (peer.rss, peer.pss) for peer in measured}),
    ]


def handfast(path, directory, port, upstream):
    return peers.handfast_command(path, envoy_file("handfast-tcp", directory, port, upstream))


def envoy(path, directory, port, upstream):
    return peers.envoy_command(path, envoy_file("envoy-tcp", directory, port, upstream))


def envoy_file(name, directory, port, upstream):
    return peers.fill(
        "envoy-tcp.yaml", directory / (name + ".yaml"), port=port, upstream=upstream, admin=common.free_port())


def haproxy(path, directory, port, upstream):
    return [path, "-db", "-f", peers.fill("haproxy-tcp.cfg", directory / "tcp.cfg", port=port, upstream=upstream)]


def haproxy_splice(path, directory, port, upstream):
    return [path, "-db", "-f", peers.fill("haproxy-splice.cfg", directory / "splice.cfg", port=port, upstream=upstream)]


COMMANDS = {"Handfast": handfast, "Envoy": envoy, PLAIN: haproxy, SPLICED: haproxy_splice}
