"""Three trivial services, a sidecar beside each: front calls a and b, which are tried, confirmed and cancelled."""
import json
import os
import time
import urllib.error
import urllib.request

from harness import common

TYPE = "type.googleapis.com/"
HTTP = TYPE + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
ROUTER = TYPE + "envoy.extensions.filters.http.router.v3.Router"
OWN = TYPE + "handfast.transaction.v1."

SERVICE_FLAGS = ["-XX:+UseSerialGC", "-Xms64m", "-Xmn32m", "-Xmx128m"]
SOURCE = common.HOME / "benchmarks/src/tx"
PARTICIPANTS = ("a", "b")
BODY = '{"id": "{n}"}'
START_SECONDS = 120
SETTLE_SECONDS = 60
SLICE_SECONDS = 10
WITHOUT_WAIT, DEFAULT_WAIT, PLAIN = "/tx/", "/wait/", "/plain/"


class Member:
    """A service and its sidecar."""

    def __init__(self, name):
        self.name = name
        self.service, self.inbound, self.control, self.admin = (common.free_port() for _ in range(4))
        self.process = self.sidecar = None


class Mesh:
    """Starts with the object, ends with close(). Services are told of other coordinators by options and classes."""

    def __init__(self, directory, environment=None, options=(), service=None):
        self.directory, self.environment = directory, environment or {}
        self.command = service or [*SERVICE_FLAGS, "-cp", "%s/*" % common.LIB, "io.handfast.benchmarks.tx.ServiceMain"]
        self.members = {name: Member(name) for name in (*PARTICIPANTS, "front")}
        self.front = self.members["front"]
        self.outbound = [common.free_port() for _ in PARTICIPANTS]
        for name in PARTICIPANTS:
            member = self.members[name]
            self._start(member, config(member, directory, [
                route("/try", {"participant": {"callback": {
                    "confirm": {"path": "/confirm/{branch.id}"}, "cancel": {"path": "/cancel/{branch.id}"}}}}),
                route("/")], "PLAINTEXT", {}), [])
            if name == PARTICIPANTS[0]:
                self._await(member)  # the first one prepares a quick start for all
        peers = {name: (port, self.members[name].inbound) for name, port in zip(PARTICIPANTS, self.outbound)}
        boundary = {"timeout": "30s", "completion_wait": "0s"}
        without = {"participant": {"read_only": {}}}
        self._start(self.front, config(self.front, directory, [
            route(WITHOUT_WAIT, {"boundary": boundary, **without}),
            route(DEFAULT_WAIT, {"boundary": {"timeout": boundary["timeout"]}, **without}),
            route("/")], "MTLS", peers), [
                "sidecar=" + ",".join(map(str, self.outbound)),
                "direct=" + ",".join(str(self.members[name].service) for name in PARTICIPANTS), *options])
        for member in self.members.values():
            self._await(member)

    def _log(self, member, what):
        return self.directory / ("%s-%s.log" % (member.name, what))

    def _start(self, member, content, options):
        member.process = common.start(
            [common.java(), *self.command, "port=%d" % member.service, *options], log=self._log(member, "service"))
        file = self.directory / (member.name + ".json")
        file.write_text(json.dumps(content, indent=1))
        member.sidecar = common.start(
            [common.HOME / "handfast", "proxy", "-c", file, "--concurrency", "1"], log=self._log(member, "sidecar"),
            cwd=self.directory, env=environment(self.directory, self.environment))

    def _await(self, member):
        begun = time.monotonic()
        while not ready(member.admin):
            if member.sidecar.poll() is not None or time.monotonic() - begun > START_SECONDS:
                raise common.Failure("the sidecar of %s is not ready:\n%s" % (
                    member.name, common.tail(self._log(member, "sidecar"))))
            time.sleep(0.1)
        common.await_port(member.service, member.process, self._log(member, "service"))

    def close(self):
        for member in self.members.values():
            for process in (member.sidecar, member.process):
                if process is not None:
                    common.stop(process)

    def pids(self):
        """Of the JVMs."""
        return [process.pid for member in self.members.values() for process in (member.sidecar, member.process)]

    def load(self, path, clients, seconds, port=None):
        """What clients saw at front, by way of its sidecar or at another port."""
        return common.load(
            common.java(), port=port or self.front.inbound, path=path, clients=clients, seconds=seconds, bodies=BODY)

    def counts(self):
        """Tries, confirms and cancels of all participants."""
        sums = {}
        for name in PARTICIPANTS:
            said = json.loads(get(self.members[name].service, "/counts"))
            for what, count in said.items():
                sums[what] = sums.get(what, 0) + count
        return sums

    def unsettled(self, before, branches):
        """Waits until so many branches more have been confirmed than before; how many have not been after a minute."""
        begun = time.monotonic()
        while True:
            left = branches - (self.counts()["confirmed"] - before["confirmed"])
            if left <= 0 or time.monotonic() - begun > SETTLE_SECONDS:
                return max(0, left)
            time.sleep(0.05)

    def committed(self, path, clients, seconds, participants, port=None):
        """A load all of which commits, up to its last confirm; what clients saw."""
        before = self.counts()
        seen = self.load(path + str(participants), clients, seconds, port)
        commits = seen["statuses"].get("200", 0)
        if commits != seen["requests"] or not commits:
            raise common.Failure("%s: %s %s (expected: 200 only)" % (path, seen["statuses"], seen["outcomes"]))
        told = seen["outcomes"].get("committed", 0)
        if port is None and told != commits:
            raise common.Failure("%s: %s (expected: all committed)" % (path, seen["outcomes"]))
        left = self.unsettled(before, commits * participants)
        if left:
            line = "%s: of %d branches that clients were told are committed %d are not confirmed after %d s" % (
                path, commits * participants, left, SETTLE_SECONDS)
            if port is None:
                raise common.Failure(line)
            print(line, flush=True)  # another coordinator's affair: it counts as if they were
        return seen

    def journals(self):
        """The journal's counters of each sidecar."""
        return {name: journal(member.admin) for name, member in self.members.items()}


def route(prefix, policy=None):
    made = {"match": {"prefix": prefix}, "route": {"cluster": "service", "timeout": "60s"}}
    if policy:
        made["typed_per_filter_config"] = {
            "handfast.transaction": {"@type": OWN + "TransactionPerRoute", **policy}}
    return made


def config(member, directory, routes, trust, peers):
    """A bootstrap; peers is by name the port of an outbound listener, and what it leads to."""
    return {
        "node": {"id": member.name, "cluster": member.name},
        "admin": {"address": address(member.admin)},
        "bootstrap_extensions": [{"name": "handfast.transaction_manager", "typed_config": {
            "@type": OWN + "TransactionManager", "service_name": member.name,
            "store": {"journal": {"directory": str(directory / ("journal-" + member.name))}},
            "control": {"address": "127.0.0.1", "port": member.control, "authority": "127.0.0.1:%d" % member.control},
            "control_trust": "PLAINTEXT", "local_cluster": "service"}}],
        "static_resources": {
            "listeners": [
                listener("inbound", "INBOUND", member.inbound, routes, {"trust": trust}),
                *(listener("to-" + name, "OUTBOUND", port, [
                    {"match": {"prefix": "/"}, "route": {"cluster": name, "timeout": "60s"}}], {})
                  for name, (port, _) in peers.items())],
            "clusters": [
                cluster("service", member.service, {}),
                *(cluster(name, port, {"metadata": {"typed_filter_metadata": {"handfast.transaction": {
                    "@type": OWN + "ClusterPolicy", "participant": True, "trust": "PLAINTEXT"}}}})
                  for name, (_, port) in peers.items())]}}


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def environment(directory, more=None):
    """Of a sidecar with the flags and the AOT cache that are shipped; what its JVM unpacks goes with the run's directory."""
    return {**os.environ, "JDK_JAVA_OPTIONS": "-Djava.io.tmpdir=%s" % directory, **(more or {})}


def listener(name, direction, port, routes, transaction):
    return {
        "name": name, "traffic_direction": direction, "address": address(port),
        "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": {
            "@type": HTTP, "stat_prefix": name,
            "route_config": {"name": name, "virtual_hosts": [{"name": name, "domains": ["*"], "routes": routes}]},
            "http_filters": [
                {"name": "handfast.transaction", "typed_config": {"@type": OWN + "Transaction", **transaction}},
                {"name": "envoy.filters.http.router", "typed_config": {"@type": ROUTER}}]}}]}]}


def cluster(name, port, more):
    return {"name": name, "type": "STATIC", "connect_timeout": "1s", **more, "load_assignment": {
        "cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(port)}}]}]}}


def get(port, path):
    return urllib.request.urlopen("http://127.0.0.1:%d%s" % (port, path), timeout=10).read().decode()


def ready(admin):
    try:
        return get(admin, "/ready") is not None
    except (urllib.error.URLError, OSError):
        return False


NAMES = {"handfast_journal_appends_total": "appends", "handfast_journal_syncs_total": "syncs",
         "handfast_journal_sync_seconds_total": "sync_seconds"}


def journal(admin):
    """The counters of a sidecar's journal."""
    return counted(get(admin, "/stats/prometheus"))


def counted(text):
    sums, found = {name: 0.0 for name in NAMES.values()}, 0
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key.partition("{")[0] in NAMES:
            sums[NAMES[key.partition("{")[0]]] += float(value)
            found += 1
    if found != len(NAMES):
        raise common.Failure("the statistics lack some of %s" % ", ".join(NAMES))
    return sums


def difference(after, before):
    return {name: after[name] - before[name] for name in after}


def warm_up(name, step, pids, seconds):
    """Steps of some seconds until the compilers of these JVMs have little left to do, or the time is up."""
    begun = time.monotonic()
    while True:
        cpu, compilers = sum(map(common.cpu_seconds, pids)), sum(map(common.compiler_seconds, pids))
        seen = step(min(SLICE_SECONDS, seconds))
        share = common.share(sum(map(common.compiler_seconds, pids)) - compilers,
                             sum(map(common.cpu_seconds, pids)) - cpu)
        took = time.monotonic() - begun
        print("%s, warm-up %3.0f s: %5.0f requests/s; compilers take %2.0f %% of the JVMs' CPU" % (
            name, took, seen["requests"] / seen["seconds"], share * 100), flush=True)
        if share <= common.WARM_SHARE or took + SLICE_SECONDS > seconds:
            return took


def disk_sync_ms(directory):
    """Times of a write and an fdatasync, as a journal makes them, with nobody else writing."""
    path, times = directory / "sync", []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    for _ in range(300):
        os.write(file, b"x" * 256)
        begun = time.perf_counter()
        os.fdatasync(file)
        times.append((time.perf_counter() - begun) * 1e3)
    os.close(file)
    path.unlink()
    return times
