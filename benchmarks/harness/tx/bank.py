"""Durable commits: transfers between two banks, each with a database and a sidecar of its own."""
import json
import os
import pathlib
import re
import statistics
import time

from harness import common
from harness.tx import mesh

MEMBER = re.compile(r"^\s+(\S+)\s+pid (\d+)\s+port (\d+)\s+its sidecar: pid (\d+)\s+port (\d+), admin (\d+)")
SERVICE_FLAGS = "-XX:+UseSerialGC -Xms64m -Xmn32m -Xmx128m"
READY = "Everything is still running"
START_SECONDS = 300
SLICE_SECONDS = 10
SIDECARS, SERVICES, POSTGRES, LOAD = "the four sidecars", "the four services", "PostgreSQL", "the load generator"
COMPILERS = "compilers"
AT_A = ["bank-a/" + name for name in ("alice", "agnes", "anton", "arthur")]
AT_B = ["bank-b/" + name for name in ("bob", "bella", "bruno", "beth")]


def run(options, directory):
    sync = statistics.median(mesh.disk_sync_ms(directory))
    bank, members = start_bank(directory)
    try:
        groups = processes(directory, members)
        warmed = warm_up(members, groups, options)
        journal, cpu = journals(members), cpu_seconds(groups)
        seen = transfer(members, options.clients, options.seconds, "measured")
        journal = mesh.difference(journals(members), journal)
        cpu = mesh.difference(cpu_seconds(groups), cpu)
        report(options, warmed, seen, journal, cpu, sync)
    finally:
        common.stop(bank)


def start_bank(directory):
    """The bank of examples/bank as `handfast demo --act callback --keep` leaves it: its process, and ports and pids by name."""
    log = pathlib.Path(directory) / "bank.log"
    bank = common.start(
        [common.HOME / "handfast", "demo", "--act", "callback", "--keep", "--transfers", "0"], log=log,
        env={**os.environ, "HANDFAST_JAVA_OPTS": mesh.FLAGS % directory, "BANK_JAVA_OPTS": SERVICE_FLAGS, "NO_COLOR": "1"})
    for _ in range(START_SECONDS * 10):
        said = log.read_text(errors="replace")
        if READY in said:
            break
        if bank.poll() is not None:
            raise common.Failure("the bank ended with %d:\n%s" % (bank.returncode, common.tail(log)))
        time.sleep(0.1)
    else:
        raise common.Failure("the bank is not ready after %d s:\n%s" % (START_SECONDS, common.tail(log)))
    members = {}
    for line in said.splitlines():
        found = MEMBER.match(line)
        if found:
            members[found[1]] = {"pid": int(found[2]), "sidecar": int(found[4]), "inbound": int(found[5]),
                                 "admin": int(found[6])}
    if len(members) != 4:
        raise common.Failure("what the demo printed names %d services (expected: 4)" % len(members))
    return bank, members


def transfer(members, clients, seconds, run_name):
    """One cent to and fro between four accounts at either bank: the money stays however long this runs."""
    pairs = [pair for a, b in zip(AT_A, AT_B) for pair in ((a, b), (b, a))]
    orders = [{"id": run_name + "-{n}", "from": payer, "to": payee, "amount": 1} for payer, payee in pairs]
    return common.load(
        common.java(), port=members["transfers"]["inbound"], path="/transfers", clients=clients, seconds=seconds,
        bodies="\n".join(map(json.dumps, orders)))


def journals(members):
    """Sums over the sidecars' journals."""
    each = [mesh.journal(member["admin"]) for member in members.values()]
    return {name: sum(one[name] for one in each) for name in each[0]}


def processes(directory, members):
    """The pids of what takes part, by what the table calls them."""
    files = list(pathlib.Path(directory).glob("*/postgres/postmaster.pid"))
    if len(files) != 1:
        raise common.Failure("below %s are %d files postgres/postmaster.pid (expected: 1)" % (directory, len(files)))
    return {SIDECARS: [member["sidecar"] for member in members.values()],
            SERVICES: [member["pid"] for member in members.values()],
            POSTGRES: [int(files[0].read_text().split()[0])]}


def cpu_seconds(groups):
    """CPU so far by group, and what the compilers of the JVMs took of it."""
    seconds = {name: sum(map(common.cpu_seconds, pids)) for name, pids in groups.items()}
    seconds[COMPILERS] = sum(common.compiler_seconds(pid) for name in (SIDECARS, SERVICES) for pid in groups[name])
    return seconds


def compilers_share(cpu):
    """Of the CPU that the JVMs took."""
    return common.share(cpu[COMPILERS], cpu[SIDECARS] + cpu[SERVICES])


def warm_up(members, groups, options):
    """Transfers until the compilers have little left to do, or the time is up; seconds."""
    begun, nth = time.monotonic(), 0
    while True:
        nth += 1
        before = cpu_seconds(groups)
        seen = transfer(members, options.clients, min(SLICE_SECONDS, options.warm_up), "warm-up-%d" % nth)
        share = compilers_share(mesh.difference(cpu_seconds(groups), before))
        took = time.monotonic() - begun
        print("warm-up %3.0f s: %4.0f commits/s; compilers take %2.0f %% of the JVMs' CPU" % (
            took, seen["outcomes"].get("committed", 0) / seen["seconds"], share * 100), flush=True)
        if share <= common.WARM_SHARE or took + SLICE_SECONDS > options.warm_up:
            return took


def report(options, warmed, seen, journal, cpu, sync):
    commits = seen["outcomes"].get("committed", 0)
    others = seen["requests"] - commits
    if not commits:
        raise common.Failure("nothing was committed: %s %s" % (seen["statuses"], seen["outcomes"]))
    print("\nTransfers between two banks, %d clients, %g s after %.0f s of warm-up; four services with sidecars and "
          "PostgreSQL on this machine\n%s" % (options.clients, options.seconds, warmed, common.machine()))
    cpu[LOAD] = seen["cpu_seconds"]
    per_commit = [["CPU of %s per commit, ms" % name, "%.2f" % (cpu[name] / commits * 1e3)]
                  for name in (SIDECARS, SERVICES, POSTGRES, LOAD)]
    common.table(["", ""], [
        ["durable commits/s", "%.0f" % (commits / seen["seconds"])],
        ["latency p50 / p99, ms", "%.1f / %.1f" % (seen["p50_us"] / 1e3, seen["p99_us"] / 1e3)],
        ["records per commit, all journals", "%.2f" % (journal["appends"] / commits)],
        ["forced writes (fdatasync) per commit, all journals", "%.2f" % (journal["syncs"] / commits)],
        ["mean batch, records per forced write", "%.2f" % (journal["appends"] / journal["syncs"])],
        ["mean forced write under load, ms", "%.2f" % (journal["sync_seconds"] / journal["syncs"] * 1e3)],
        ["the disk's own fdatasync, idle, median ms", "%.2f" % sync],
        *per_commit,
        ["compilers' share of the JVMs' CPU, %", "%.1f" % (compilers_share(cpu) * 100)],
        ["not committed", "%d %s" % (others, seen["outcomes"] if others else "")],
    ])
