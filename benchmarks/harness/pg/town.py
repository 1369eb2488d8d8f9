"""PostgreSQL, two services that write to it, one that has them write, and a sidecar beside each."""
import json
import os
import time

from harness import common
from harness.tx import mesh

FILTER = mesh.TYPE + "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
SERVICE = "io.handfast.benchmarks.pg.PgServiceMain"
START_SECONDS = 120
SETTLE_SECONDS = 60


class Postgres:
    """PostgreSQL 18 with the databases front, a and b; what it says is committed is on the disk."""

    def __init__(self, directory, environment):
        self.port, log = common.free_port(), directory / "postgres.log"
        home = directory / "postgres"
        home.mkdir()
        self.process = common.start(
            [common.java(), "-XX:+UseSerialGC", "-Xmx256m", "-cp", "%s/*" % common.LIB,
             "io.handfast.benchmarks.pg.PostgresMain", "port=%d" % self.port, "directory=%s" % home],
            log=log, env={**os.environ, **environment})
        for _ in range(START_SECONDS * 10):
            if "ready" in log.read_text(errors="replace").splitlines():
                break
            if self.process.poll() is not None:
                raise common.Failure("PostgreSQL ended with %d:\n%s" % (self.process.returncode, common.tail(log)))
            time.sleep(0.1)
        else:
            raise common.Failure("PostgreSQL is not ready after %d s:\n%s" % (START_SECONDS, common.tail(log)))
        self.pid = int((home / "data/postmaster.pid").read_text().split()[0])

    def close(self):
        common.stop(self.process)


class Member(mesh.Member):
    """A service, its sidecar, and the port at which the sidecar is its PostgreSQL."""

    def __init__(self, name):
        super().__init__(name)
        self.database = common.free_port()


class Town:
    """Starts with the object, ends with close(). The environment is that of PostgreSQL and of the sidecars."""

    def __init__(self, directory, environment):
        self.directory, self.environment = directory, environment
        self.members = {name: Member(name) for name in (*mesh.PARTICIPANTS, "front")}
        self.front = self.members["front"]
        self.postgres = Postgres(directory, environment)
        try:
            self._start_members()
        except BaseException:
            self.close()
            raise

    def _start_members(self):
        outbound = {name: common.free_port() for name in mesh.PARTICIPANTS}
        writes = {"participant": {"database": {}}}
        for name in mesh.PARTICIPANTS:
            self._start(self.members[name], [
                mesh.route("/write", writes),
                mesh.route("/reads", {"boundary": {"timeout": "30s"}, **writes}),
                mesh.route("/")], "PLAINTEXT", {}, ["sidecar-database=%d" % self.members[name].database])
            if name == mesh.PARTICIPANTS[0]:
                self._await(self.members[name])  # the first one prepares a quick start for all
        without = {"participant": {"read_only": {}}}
        self._start(
            self.front, [
                mesh.route("/tx/", {"boundary": {"timeout": "30s", "completion_wait": "0s"}, **without}),
                mesh.route("/wait/", {"boundary": {"timeout": "30s"}, **without}),
                mesh.route("/")], "MTLS",
            {name: (port, self.members[name].inbound) for name, port in outbound.items()},
            ["sidecar=" + ",".join(map(str, outbound.values())),
             "bare=" + ",".join(str(self.members[name].service) for name in mesh.PARTICIPANTS)])
        for member in self.members.values():
            self._await(member)

    def _log(self, member, what):
        return self.directory / ("%s-%s.log" % (member.name, what))

    def _start(self, member, routes, trust, peers, options):
        member.process = common.start(
            [common.java(), *mesh.SERVICE_FLAGS, "-cp", "%s/*" % common.LIB, SERVICE, "port=%d" % member.service,
             "name=" + member.name, "database=%d" % self.postgres.port, *options], log=self._log(member, "service"))
        file = self.directory / (member.name + ".json")
        file.write_text(json.dumps(with_database(
            mesh.config(member, self.directory, routes, trust, peers), member, self.postgres.port), indent=1))
        member.sidecar = common.start(
            [common.HOME / "handfast", "proxy", "-c", file, "--concurrency", "1"], log=self._log(member, "sidecar"),
            cwd=self.directory, env=mesh.environment(self.directory, self.environment))

    def _await(self, member):
        begun = time.monotonic()
        while not mesh.ready(member.admin):
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
        self.postgres.close()

    def pids(self):
        """Of the JVMs, but PostgreSQL's starter."""
        return [process.pid for member in self.members.values() for process in (member.sidecar, member.process)]

    def cpu_seconds(self):
        """So far: sidecars, services, PostgreSQL."""
        members = self.members.values()
        return [sum(map(common.cpu_seconds, pids)) for pids in (
            [member.sidecar.pid for member in members], [member.process.pid for member in members], [self.postgres.pid])]

    def journals(self):
        return {name: mesh.journal(member.admin) for name, member in self.members.items()}

    def completed(self):
        """COMMIT PREPAREDs so far of the sidecars of a and b."""
        return {name: completions(mesh.get(self.members[name].admin, "/stats/prometheus")) for name in mesh.PARTICIPANTS}

    def load(self, port, path, clients, seconds):
        """A load that is answered 200 throughout, and of which nothing is left prepared."""
        seen = common.load(common.java(), port=port, path=path, clients=clients, seconds=seconds, bodies=mesh.BODY)
        if not seen["requests"] or set(seen["statuses"]) != {"200"}:
            raise common.Failure("%s: %s %s (expected: 200 only)\n%s" % (
                path, seen["statuses"], seen["outcomes"], self.said()))
        begun = time.monotonic()
        while self.prepared():
            if time.monotonic() - begun > SETTLE_SECONDS:
                raise common.Failure("%s: %d are still prepared after %d s" % (path, self.prepared(), SETTLE_SECONDS))
            time.sleep(0.05)
        return seen

    def prepared(self):
        return int(mesh.get(self.front.service, "/prepared"))

    def said(self):
        return "\n".join(common.tail(log, 3) for log in sorted(self.directory.glob("*.log")))


def completions(text):
    """Of a scrape: the commits that a sidecar has done in its databases."""
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines()
               if line.startswith("handfast_database_completion_seconds_count{")
               and 'outcome="commit"' in line and 'result="done"' in line)


def with_database(config, member, port):
    """The same with the database, and a listener that is it to the service."""
    manager = config["bootstrap_extensions"][0]["typed_config"]
    manager["databases"] = [{
        "name": "ledger", "addresses": ["127.0.0.1:%d" % port], "database": member.name, "user": "postgres"}]
    static = config["static_resources"]
    static["clusters"].append(mesh.cluster("database", port, {}))
    static["listeners"].append(tcp_listener("postgres", member.database, "database", [{
        "name": "handfast.postgres_transaction", "typed_config": {
            "@type": mesh.OWN + "PostgresTransaction", "stat_prefix": "postgres", "database": "ledger"}}]))
    return config


def tcp_listener(name, port, cluster, filters):
    return {
        "name": name, "traffic_direction": "OUTBOUND", "address": mesh.address(port),
        "filter_chains": [{"filters": [*filters, {
            "name": "envoy.filters.network.tcp_proxy",
            "typed_config": {"@type": FILTER, "stat_prefix": name, "cluster": cluster}}]}]}
