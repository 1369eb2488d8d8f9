"""From the start of a process to its first 200, with few clusters and with many."""
import json
import os
import socket
import time

from harness import common, load, peers

COUNTS, ENDPOINTS = (1, 100, 1000), 10
API = "type.googleapis.com/envoy."
UNCACHED = "Handfast, no AOT cache"
PATIENCE = 60
PAUSE = 0.0005


def measure(programs, directory, options, start_upstream):
    """Rows of the table, and the versions of who is in it."""
    upstream, port = start_upstream(directory)
    names = [name for name, program in (
        ("Handfast", "Handfast"), (UNCACHED, "Handfast"), ("Envoy", "Envoy"), ("HAProxy", "HAProxy"), ("nginx", "nginx"))
        if programs[program]]
    took = {name: {} for name in names}
    for count in COUNTS:
        # A file of HAProxy's or nginx' with so many clusters is not the same thing said by others.
        of = [name for name in names if count == 1 or name not in ("HAProxy", "nginx")]
        for nth in range(options.rounds):
            for name in of if nth % 2 == 0 else reversed(of):
                took[name].setdefault(count, []).append(
                    first_answer(name, programs, directory, count, port))
        print("Start, %d clusters: %s" % (count, ", ".join(
            "%s %.0f ms" % (name, took[name][count][-1]) for name in of)), flush=True)
    common.stop(upstream)
    return rows_of(took), versions(names, programs)


def versions(names, programs):
    """Without its cache it is the same one."""
    programs_of = {name: "Handfast" if name == UNCACHED else name for name in names}
    return {name: peers.version(of, programs[of]) for name, of in programs_of.items()}


def rows_of(took):
    """Beside another's time how much of it Handfast takes, paired by round."""
    rows = []
    for count in COUNTS:
        cells = {}
        for name, times in took.items():
            if count in times:
                cells[name] = common.median(times[count], "%.0f") + (
                    "" if name == "Handfast" else "; %s ×" % common.middle(
                        peers.ratios(took["Handfast"][count], times[count]), "%.2f"))
        rows.append(("start to first 200 with %d cluster%s, ms" % (count, "" if count == 1 else "s"), cells))
    return rows


def environment(name):
    """Of the process: the launcher leaves out the cache where it is told to."""
    return {**os.environ, **({"HANDFAST_AOT": "off"} if name == UNCACHED else {})}


def check_cache(name, process):
    """A comparison of with and without is none where it is with, or without, in both."""
    cached = "/aot/" in common.read_proc("/proc/%d/maps" % process.pid)  # what the JVM was given it may refuse
    if name in ("Handfast", UNCACHED) and cached != (name == "Handfast"):
        raise common.Failure("%s runs %s its AOT cache" % (name, "with" if cached else "without"))


def first_answer(name, programs, directory, count, upstream):
    """Milliseconds."""
    port, log = common.free_port(), directory / (name + ".log")
    command = command_of(name, programs, directory, count, port, upstream)
    begun = time.monotonic()
    process = common.start(command, peers.CPU, log, env=environment(name))
    while not answers(port, "/c%d/" % (count - 1)):
        if process.poll() is not None or time.monotonic() - begun > PATIENCE:
            raise common.Failure("%s does not answer with %d clusters:\n%s" % (name, count, common.tail(log)))
        time.sleep(PAUSE)
    took = (time.monotonic() - begun) * 1000
    check_cache(name, process)
    common.stop(process)
    return took


def answers(port, path):
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(b"GET %s HTTP/1.1\r\nhost: start\r\nconnection: close\r\n\r\n" % path.encode())
            return connection.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
    except OSError:
        return False


def command_of(name, programs, directory, count, port, upstream):
    if name in ("HAProxy", "nginx"):
        make = peers.haproxy if name == "HAProxy" else peers.nginx
        return make(programs[name], Plain(), directory, port, upstream, None)
    file = directory / ("%s-%d.json" % (name.replace(" ", "-"), count))
    file.write_text(json.dumps(bootstrap(count, port, common.free_port(), upstream)))
    if name == "Envoy":
        return peers.envoy_command(programs["Envoy"], file)
    return peers.handfast_command(programs["Handfast"], file)


class Plain:
    """What the commands of peers ask of a workload."""

    tls = http2 = False


def bootstrap(count, port, admin, upstream, endpoints=ENDPOINTS):
    """So many clusters with so many endpoints each, the first of which answers, and a route to each."""
    return {
        "node": {"id": "benchmark-1", "cluster": "benchmark"},
        "admin": {"address": address("127.0.0.1", admin)},
        "static_resources": {
            "listeners": [{"name": "inbound", "address": address("127.0.0.1", port), "filter_chains": [{"filters": [{
                "name": "http", "typed_config": {
                    "@type": API + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                    "stat_prefix": "inbound",
                    "route_config": {"name": "inbound", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
                        {"match": {"prefix": "/c%d/" % nth}, "route": {"cluster": "c%d" % nth}} for nth in range(count)]}]},
                    "http_filters": [{"name": "router", "typed_config": {
                        "@type": API + "extensions.filters.http.router.v3.Router"}}]}}]}]}],
            "clusters": [cluster(nth, upstream, endpoints) for nth in range(count)]}}


def cluster(nth, upstream, endpoints):
    others = [address("127.1.%d.%d" % (nth // 250, 1 + nth % 250), 10_000 + each) for each in range(1, endpoints)]
    return {"name": "c%d" % nth, "type": "STATIC", "connect_timeout": "1s", "load_assignment": {
        "cluster_name": "c%d" % nth, "endpoints": [
            {"lb_endpoints": [{"endpoint": {"address": address("127.0.0.1", upstream)}}]},
            {"priority": 1, "lb_endpoints": [{"endpoint": {"address": one}} for one in others]}]}}


def address(host, port):
    return {"socket_address": {"address": host, "port_value": port}}
