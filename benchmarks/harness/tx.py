"""Durable commits: transfers between two banks, each with a database and a sidecar of its own."""
import json
import os
import pathlib
import re
import statistics
import tempfile
import time
import urllib.request

from harness import common

# The launcher's own flags, and services compiled in full (the demo compiles them for a quick start). What all of them write
# is on the disk of the checkout.
FLAGS = "-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xms8m -Xmx256m -Djava.io.tmpdir=%s"
MEMBER = re.compile(r"^\s+(\S+)\s+pid (\d+)\s+port (\d+)\s+its sidecar: pid (\d+)\s+port (\d+), admin (\d+)")
SERVICE_FLAGS = "-XX:+UseSerialGC -Xms8m -Xmx128m"
READY = "Everything is still running"
START_SECONDS = 300
RECORD_BYTES = 256
AT_A = ["bank-a/" + name for name in ("alice", "agnes", "anton", "arthur")]
AT_B = ["bank-b/" + name for name in ("bob", "bella", "bruno", "beth")]


def run(options):
    common.build()
    parent = common.HOME / "target"
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=parent) as name:
        sync = disk_sync_ms(name)
        bank, members = start_bank(name)
        try:
            transfer(members, options.clients, options.warm_up, "warm-up")
            before, cpu = journals(members), cpu_seconds(members)
            seen = transfer(members, options.clients, options.seconds, "measured")
            after, cpu = journals(members), cpu_seconds(members) - cpu
            report(options, seen, {name: after[name] - before[name] for name in after}, cpu, sync)
        finally:
            common.stop(bank)


def disk_sync_ms(directory):
    """Median of a write and an fdatasync, as a journal makes them, with nobody else writing."""
    path, times = pathlib.Path(directory) / "sync", []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    for _ in range(300):
        os.write(file, b"x" * RECORD_BYTES)
        begun = time.perf_counter()
        os.fdatasync(file)
        times.append((time.perf_counter() - begun) * 1e3)
    os.close(file)
    path.unlink()
    return statistics.median(times)


def start_bank(directory):
    """The bank of examples/bank as `handfast demo --keep` leaves it: its process, and ports and pids by name."""
    log = pathlib.Path(directory) / "bank.log"
    bank = common.start(
        [common.HOME / "handfast", "demo", "--keep", "--transfers", "0"], log=log,
        env={**os.environ, "HANDFAST_JAVA_OPTS": FLAGS % directory, "BANK_JAVA_OPTS": SERVICE_FLAGS, "NO_COLOR": "1"})
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
    sums = {"appends": 0, "syncs": 0, "sync_seconds": 0.0}
    names = {"handfast_journal_appends_total": "appends", "handfast_journal_syncs_total": "syncs",
             "handfast_journal_sync_seconds_total": "sync_seconds"}
    for name, member in members.items():
        url = "http://127.0.0.1:%d/stats/prometheus" % member["admin"]
        found = 0
        for line in urllib.request.urlopen(url, timeout=10).read().decode().splitlines():
            key, _, value = line.partition(" ")
            if key.partition("{")[0] in names:
                sums[names[key.partition("{")[0]]] += float(value)
                found += 1
        if found != len(names):
            raise common.Failure("%s of %s lacks some of %s" % (url, name, ", ".join(names)))
    return sums


def cpu_seconds(members):
    return sum(common.cpu_seconds(member["sidecar"]) for member in members.values())


def report(options, seen, journal, cpu, sync):
    commits = seen["outcomes"].get("committed", 0)
    others = seen["requests"] - commits
    if not commits:
        raise common.Failure("nothing was committed: %s %s" % (seen["statuses"], seen["outcomes"]))
    print("\nTransfers between two banks, %d clients, %g s after %g s of warm-up; four services with sidecars and "
          "PostgreSQL on this machine\n%s" % (options.clients, options.seconds, options.warm_up, common.machine()))
    common.table(["", ""], [
        ["durable commits/s", "%.0f" % (commits / seen["seconds"])],
        ["latency p50 / p99, ms", "%.1f / %.1f" % (seen["p50_us"] / 1e3, seen["p99_us"] / 1e3)],
        ["records per commit, all journals", "%.2f" % (journal["appends"] / commits)],
        ["forced writes (fdatasync) per commit, all journals", "%.2f" % (journal["syncs"] / commits)],
        ["mean batch, records per forced write", "%.2f" % (journal["appends"] / journal["syncs"])],
        ["mean forced write under load, ms", "%.2f" % (journal["sync_seconds"] / journal["syncs"] * 1e3)],
        ["the disk's own fdatasync, idle, median ms", "%.2f" % sync],
        ["CPU of the four sidecars per commit, ms", "%.2f" % (cpu / commits * 1e3)],
        ["not committed", "%d %s" % (others, seen["outcomes"] if others else "")],
    ])
