"""Durable commits of two participants, beside other coordinators of the same three services."""
import json
import os
import pathlib

from harness import common
from harness.tx import mesh

PARTICIPANTS = 2
SEATA_MAIN = "io.seata.server.ServerApplication"
OPEN = ["--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/java.net=ALL-UNNAMED", "--add-opens=java.base/java.nio=ALL-UNNAMED"]
HANDFAST, WAITING, SEATA, DTM = "Handfast", "Handfast, default completion_wait", "Seata", "dtm"
NONE = "no transaction, through the sidecars"


class System:
    """A way to commit: the path at front, the port if not that of its sidecar, and who coordinates."""

    def __init__(self, name, path, port=None, coordinators=()):
        self.name, self.path, self.port, self.coordinators = name, path, port, list(coordinators)
        self.seen = []

    def load(self, town, options, seconds):
        """What clients saw, and the CPU of coordinators and services per request."""
        services = [member.process.pid for member in town.members.values()]
        before = [sum(map(common.cpu_seconds, pids)) for pids in (self.coordinators, services)]
        if self.name == NONE:
            seen = town.load(self.path + str(PARTICIPANTS), options.clients, seconds)
        else:
            seen = town.committed(self.path, options.clients, seconds, PARTICIPANTS, self.port)
        after = [sum(map(common.cpu_seconds, pids)) for pids in (self.coordinators, services)]
        seen["cpu_ms"] = [(now - then) * 1e3 / seen["requests"] for now, then in zip(after, before)]
        return seen


def run(options, directory):
    servers, more, service, ports = [], [], None, {}
    try:
        jars = seata_jars()
        if jars:
            server, ports[SEATA] = start_seata(jars, directory)
            servers.append(server)
            service = seata_service(jars, directory, ports[SEATA])
        program = common.find("dtm", "dtm is left out of commits")
        if program:
            server, ports[DTM] = start_dtm(program, directory)
            servers.append(server)
            more.append("dtm=%d" % ports[DTM])
        town = mesh.Mesh(directory, options=more, service=service)
        try:
            sidecars = [member.sidecar.pid for member in town.members.values()]
            systems = [System(name, path, None, sidecars) for name, path in (
                (HANDFAST, mesh.WITHOUT_WAIT), (WAITING, mesh.DEFAULT_WAIT), (NONE, mesh.PLAIN))]
            if SEATA in ports:
                systems.append(System(SEATA, "/seata/", town.front.service, [servers[0].pid]))
            if DTM in ports:
                systems.append(System(DTM, "/dtm/", town.front.service, [servers[-1].pid]))
            measure(town, systems, options)
        finally:
            town.close()
    finally:
        for server in servers:
            common.stop(server)
    print("\nDurable commits of two participants, %d clients, %d rounds of %g s in turn\n%s" % (
        options.clients, options.rounds, options.seconds, common.machine()))
    common.table(["", "commits/s", "Handfast ÷ it", "p50 / p99, ms", "CPU ms each: coordinators + services"], rows_of(systems))


def measure(town, systems, options):
    for system in systems:
        if system.name != WAITING:
            mesh.warm_up(system.name, lambda seconds: system.load(town, options, seconds),
                         {*town.pids(), *system.coordinators}, options.warm_up)
    for nth in range(options.rounds):
        for system in reversed(systems) if nth % 2 else systems:
            system.seen.append(system.load(town, options, options.seconds))


def rows_of(systems):
    """Ratios are paired within a round."""
    rates = {system.name: [seen["requests"] / seen["seconds"] for seen in system.seen] for system in systems}
    return [[
        system.name,
        common.middle(rates[system.name], "%.0f"),
        "" if system.name == HANDFAST else common.middle(
            [ours / theirs for ours, theirs in zip(rates[HANDFAST], rates[system.name])], "%.2f"),
        "%s / %s" % tuple(common.middle([seen[name] / 1e3 for seen in system.seen], "%.1f") for name in ("p50_us", "p99_us")),
        "%s + %s" % tuple(common.middle([seen["cpu_ms"][nth] for seen in system.seen], "%.2f") for nth in range(2)),
    ] for system in systems]


def seata_jars():
    """The directory with its server and client: named by SEATA, or as setup-peers left it; or None."""
    named = os.environ.get("SEATA")
    path = pathlib.Path(named) if named else common.PEERS / "seata"
    if not named and not path.is_dir():
        print("Seata is not in %s: it is left out of commits (benchmarks/setup-peers tx)." % path)
        return None
    for part in ("server", "all"):
        if not list(path.glob("%s/seata-%s-*.jar" % (part, part))):
            raise common.Failure("SEATA: %s (expected: what benchmarks/setup-peers tx fetches, %s/seata-%s-*.jar)" % (
                path, part, part))
    return path


def start_seata(jars, directory):
    """Its server with its store in files, forced at each write."""
    port, log, home = common.free_port(), directory / "seata.log", directory / "seata"
    home.mkdir()
    server = common.start([
        common.java(), "-Xms512m", "-Xmx512m", *OPEN, "-Duser.home=%s" % home, "-Djava.io.tmpdir=%s" % directory,
        *("-D%s=%s" % item for item in seata_settings(port, common.free_port(), home).items()),
        "-cp", "%s/server/*" % jars, SEATA_MAIN], log=log, cwd=home)
    common.await_port(port, server, log)
    return server, port


def seata_settings(port, console, home):
    return {
        "server.port": console, "server.servicePort": port, "seata.server.service-port": port,
        "seata.config.type": "file", "seata.registry.type": "file",
        "seata.store.mode": "file", "seata.store.session.mode": "file", "seata.store.lock.mode": "file",
        "seata.store.file.dir": home / "store", "store.file.dir": home / "store",
        "seata.store.file.flush-disk-mode": "sync", "store.file.flushDiskMode": "sync",
    }


def seata_service(jars, directory, port):
    """How the services are started with Seata's own client in them."""
    conf = directory / "seata-client"
    conf.mkdir()
    (conf / "registry.conf").write_text(
        'registry { type = "file" }\nconfig { type = "file"\n file { name = "file.conf" } }\n')
    (conf / "file.conf").write_text(
        'service { vgroupMapping.default_tx_group = "default"\n default.grouplist = "127.0.0.1:%d" }\n' % port)
    own = next(common.LIB.glob("handfast-benchmarks-*.jar"))
    return [*mesh.SERVICE_FLAGS, *OPEN, "-cp", "%s:%s:%s/all/*" % (conf, own, jars), mesh.SOURCE / "SeataService.java"]


def start_dtm(program, directory):
    """With its store in a file of its own, forced at each write, as is its default."""
    port, log, home = common.free_port(), directory / "dtm.log", directory / "dtm"
    home.mkdir()
    (home / "conf.yml").write_text(json.dumps({
        "Store": {"Driver": "boltdb"}, "HttpPort": port, "GrpcPort": common.free_port(),
        "JsonRpcPort": common.free_port(), "LogLevel": "error"}))
    server = common.start([program, "-c", home / "conf.yml"], log=log, cwd=home)
    common.await_port(port, server, log)
    return server, port
