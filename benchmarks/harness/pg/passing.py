"""pgbench outside of any transaction of the mesh: through the filter, through a plain TCP proxy, and by nobody."""
import json
import re
import subprocess
import time

from harness import common
from harness.pg import town
from harness.tx import mesh

FILTERED, TCP, HAPROXY, DIRECT = "Handfast, PostgreSQL filter", "Handfast, tcp_proxy", "HAProxy, TCP", "nothing between"
SCRIPTS = {"a SELECT": ["-S"], "BEGIN, UPDATE, SELECT, COMMIT": ["-N"]}
SCALE = 10


def run(options, directory):
    pgbench = common.find("pgbench", "without it there is nothing to measure in passing")
    if not pgbench:
        return
    haproxy = common.find("haproxy", "it is left out of passing")
    postgres = town.Postgres(directory, {})
    started = [postgres.process]
    try:
        said(pgbench, postgres.port, ["-i", "-q", "-s", SCALE])
        ports, processes = start_handfast(directory, postgres.port)
        started.append(processes)
        proxies = {FILTERED: processes, TCP: processes, DIRECT: None}
        ports[DIRECT] = postgres.port
        if haproxy:
            ports[HAPROXY], proxies[HAPROXY] = start_haproxy(haproxy, directory, postgres.port)
            started.append(proxies[HAPROXY])
        names = list(proxies)
        for script, flags in SCRIPTS.items():
            for name in (FILTERED, TCP):
                mesh.warm_up("%s, %s" % (name, script),
                             lambda seconds: measured(pgbench, ports[name], flags, options, seconds),
                             [processes.pid], options.warm_up / 4)
            rounds = []
            for nth in range(options.rounds):
                one = {}
                for name in reversed(names) if nth % 2 else names:
                    cpu = common.cpu_seconds(proxies[name].pid) if proxies[name] else 0
                    one[name] = measured(pgbench, ports[name], flags, options, options.seconds)
                    one[name]["cpu_us"] = (common.cpu_seconds(proxies[name].pid) - cpu) * 1e6 / one[name]["requests"] \
                        if proxies[name] else 0
                rounds.append(one)
            print("\npgbench, %s, prepared statements, %d clients, %d rounds of %g s in turn\n%s" % (
                script, options.clients, options.rounds, options.seconds, common.machine()))
            common.table(["", "transactions/s", "the filter ÷ it", "CPU µs each, of the proxy"], rows_of(rounds, names))
    finally:
        for process in reversed(started):
            common.stop(process)


def rows_of(rounds, names):
    def rate(one, name):
        return one[name]["requests"] / one[name]["seconds"]
    return [[
        name,
        common.middle([rate(one, name) for one in rounds], "%.0f"),
        "" if name == FILTERED else common.middle([rate(one, FILTERED) / rate(one, name) for one in rounds], "%.3f"),
        common.middle([one[name]["cpu_us"] for one in rounds], "%.1f") if name != DIRECT else "",
    ] for name in names]


def said(pgbench, port, arguments):
    done = subprocess.run(
        [pgbench, "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", *map(str, arguments), "a"],
        capture_output=True, text=True)
    if done.returncode:
        raise common.Failure("pgbench failed:\n" + done.stderr)
    return done.stdout


def measured(pgbench, port, flags, options, seconds):
    seconds = max(1, round(seconds))
    return pgbench_seen(said(
        pgbench, port, [*flags, "-n", "-M", "prepared", "-c", options.clients, "-j", 1, "-T", seconds]), seconds)


def pgbench_seen(text, seconds):
    done = re.search(r"actually processed: (\d+)", text)
    failed = re.search(r"failed transactions: (\d+)", text)
    if not done or not int(done[1]) or (failed and int(failed[1])):
        raise common.Failure("pgbench saw errors (expected: none):\n" + text)
    return {"requests": int(done[1]), "seconds": float(seconds)}


def start_handfast(directory, postgres):
    """One sidecar with both listeners, so that both have the same process; by name their ports."""
    member = town.Member("a")
    tcp, file, log = common.free_port(), directory / "passing.json", directory / "passing.log"
    config = town.with_database(
        mesh.config(member, directory, [mesh.route("/")], "PLAINTEXT", {}), member, postgres)
    config["static_resources"]["listeners"].append(town.tcp_listener("tcp", tcp, "database", []))
    file.write_text(json.dumps(config, indent=1))
    process = common.start(
        [common.HOME / "handfast", "proxy", "-c", file, "--concurrency", "1"], log=log, cwd=directory,
        env=mesh.environment(directory))
    begun = time.monotonic()
    while not mesh.ready(member.admin):
        if process.poll() is not None or time.monotonic() - begun > town.START_SECONDS:
            raise common.Failure("the sidecar is not ready:\n%s" % common.tail(log))
        time.sleep(0.1)
    return {FILTERED: member.database, TCP: tcp}, process


def start_haproxy(program, directory, postgres):
    port, file = common.free_port(), directory / "haproxy-tcp.cfg"
    file.write_text((common.HOME / "benchmarks/http/haproxy-tcp.cfg").read_text()
                    .replace("${port}", str(port)).replace("${upstream}", str(postgres)))
    log = directory / "haproxy.log"
    process = common.start([program, "-db", "-f", file], log=log)
    common.await_port(port, process, log)
    return port, process
