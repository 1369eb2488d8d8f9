"""Rounds of faults under load; after each the books are checked, all sidecars killed, and their journals compared."""
import collections
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from harness import common
from harness.chaos import bank as banks
from harness.chaos import books, clients, disk, etcd, faults, network

SETTLE_SECONDS = 180
SERVED_SECONDS = 90
SHOWN = 20
INSIDE = "HANDFAST_CHAOS_NAMESPACE"
BANK_WORKS_MS = 10


def own_namespaces(arguments):
    """Starts this run again in namespaces of its own, where rules and mounts touch nobody else and go with it."""
    if os.geteuid() or INSIDE in os.environ or not shutil.which("unshare"):
        return
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode:
        return
    os.environ[INSIDE] = "yes"
    os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *arguments])


def run(options, arguments):
    """The exit code: 1 if there was a breach."""
    if INSIDE not in os.environ:
        banks.build()
    own_namespaces(arguments)
    parent = common.HOME / "target"
    parent.mkdir(exist_ok=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chaos-", dir=parent))
    chaos = Chaos(options, directory)
    try:
        chaos.set_up()
        chaos.play()
        chaos.whole = True
    except banks.Breach as breach:
        chaos.breaches.append(str(breach))
    except SystemExit:
        chaos.interrupted = True
        raise
    finally:
        chaos.close()
        chaos.report()
        if not chaos.breaches and (chaos.whole or chaos.interrupted):
            _unmount(directory)
            shutil.rmtree(directory, ignore_errors=True)
    return 1 if chaos.breaches or chaos.missing else 0


def _unmount(directory):
    for place in [*directory.glob("state/*"), *directory.glob("disk-*")]:
        if os.path.ismount(place):
            subprocess.run(["umount", place], capture_output=True)


class Chaos:
    """One run."""

    def __init__(self, options, directory):
        self.options, self.directory = options, directory
        self.begun = time.monotonic()
        self.commit = common.commit()
        self.breaches, self.missing = [], []
        self.bank = self.etcd = self.faults = None
        self.whole = self.interrupted = False

    def set_up(self):
        """Starts the bank, with what can be broken here."""
        directory, options, inside = self.directory, self.options, INSIDE in os.environ
        on_etcd = options.store == "etcd"
        left_out = list(faults.JOURNAL if on_etcd else faults.ETCD)
        if inside:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
        if not inside or not network.available():
            print("Left out: partitions (they need root, ip, nft and a network namespace).")
            left_out += faults.NETWORK
        small = disk.mount(directory, faults.SMALL_DISKS) if inside and not on_etcd else []
        if not on_etcd and len(small) < len(faults.SMALL_DISKS):
            print("Left out: full disks (they need root and a mount namespace).")
            left_out += faults.DISK
        preload = None if on_etcd else disk.failing_sync(directory)
        if not on_etcd and not preload:
            print("Left out: an fsync that fails (it needs cc).")
            left_out += faults.SYNC
        self.jvm = banks.Jvm()
        for kind in options.faults:
            if kind in left_out:
                raise common.Failure("%s: cannot be done here with --store %s" % (kind, options.store))
        if on_etcd:
            self.etcd = etcd.Cluster(directory)
        self.bank = banks.Bank(directory, self.jvm, preload, self.etcd)
        self.points = [point for point in self.jvm.points if not point.endswith(faults.UNREACHED)]
        self.plan = faults.Plan(options.seed, sorted(self.bank.sidecars), self.points, left_out, options.faults)
        self.clients = clients.Clients(self.bank["transfers"].inbound, options.seed, options.clients)
        self.faults = faults.Faults(
            self.bank, {name: directory / ("disk-" + name) for name in small}, self.clients.receipts)

    def play(self):
        print("Seed %d: %d kills, %d clients; what happens is in %s" % (
            self.options.seed, self.options.kills, self.options.clients, self.directory), flush=True)
        self.bank.heal()
        self.bank.slow(BANK_WORKS_MS)
        self.opening = books.read(self.bank).balances
        nth = 0
        while not self.breaches and not self.over():
            nth += 1
            self.round()
            print("round %d, %.0f s: %d kills, %d partitions, %d transfers, %d breaches" % (
                nth, time.monotonic() - self.begun, self.faults.kills(), self.faults.partitions(),
                len(self.clients.receipts), len(self.breaches)), flush=True)

    def over(self):
        if self.plan.first and not self.options.seconds:
            return False
        return (self.faults.kills() >= self.options.kills
                or self.options.seconds and time.monotonic() - self.begun > self.options.seconds)

    def round(self):
        """Faults under load, then all is healed and checked."""
        enough = self.faults.kills() + self.options.round
        self.clients.start()
        try:
            while self.faults.kills() < enough and not self.over():
                fault = self.plan.draw()
                # However slow the machine is: each fault meets clients that are served.
                if not self.clients.await_outcomes(self.options.clients, SERVED_SECONDS):
                    raise banks.Breach("nothing is broken, and %d clients have not heard %d outcomes in %d s" % (
                        self.options.clients, self.options.clients, SERVED_SECONDS))
                begun, before = time.monotonic(), len(self.clients.receipts)
                bites = self.faults.do(fault)
                heard = collections.Counter(
                    "%s: %s" % (each.told, each.detail.partition(" {")[0]) for each in self.clients.receipts[before:])
                with open(self.directory / "faults.log", "a") as log:
                    log.write("%.1f s, took %.1f s, %s: %s; clients heard %s\n" % (
                        begun - self.begun, time.monotonic() - begun, "bit" if bites else "did not bite", fault,
                        dict(heard)))
        except SystemExit:
            raise  # clients may wait for somebody who stands still
        except BaseException:
            self.clients.stop()
            raise
        self.clients.stop()
        self.bank.heal()
        self.settle()
        self.breaches += books.compare(self.opening, books.read(self.bank), self.clients.receipts)
        if self.etcd is None:
            self.journals()
            self.bank.heal()
        else:
            # What nobody has in memory any more is found by looking through etcd now and then.
            if not faults.await_until(lambda: self.etcd.unended() == [], faults.TAKEOVER_SECONDS):
                self.breaches.append("branches that no sidecar has in hand are open in etcd: %s" % self.etcd.unended())

    def settle(self):
        """Waits until nobody has anything left to do; that somebody has is a breach."""
        end = time.monotonic() + SETTLE_SECONDS
        loads = {}
        while time.monotonic() < end:
            loads = {sidecar.name: sidecar.load() for sidecar in self.bank}
            if all(load == (0, 0) for load in loads.values()):
                return
            time.sleep(0.1)
        for sidecar in self.bank:
            self.breaches.append("%s has not settled after %d s (in flight, in doubt: %s):\n%s" % (
                sidecar.name, SETTLE_SECONDS, loads[sidecar.name],
                self.jvm.run("tx", "list", "--admin", "127.0.0.1:%d" % sidecar.admin)))

    def journals(self):
        """Ends all sidecars where they stand, and compares what their journals say."""
        self.faults.kill(*self.bank.sidecars)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            read = pool.map(lambda sidecar: (sidecar.name, books.dump(self.jvm, sidecar.journal)), self.bank)
            dumps = dict(read)
        wrong = books.contradictions(dumps)
        self.breaches += wrong
        if wrong:
            for name, records in dumps.items():
                (self.directory / (name + ".records.json")).write_text("\n".join(map(json.dumps, records)))

    def close(self):
        if self.bank is None:
            return
        if self.breaches:
            self.bank.keep_logs()
            receipts = [dataclasses.asdict(receipt) for receipt in self.clients.receipts]
            (self.directory / "receipts.json").write_text("\n".join(map(json.dumps, receipts)))
        self.bank.close()
        if self.etcd is not None:
            self.etcd.close()
        if self.breaches:
            self._keep_small_disks()

    def _keep_small_disks(self):
        """They would go with the namespace."""
        for name in self.faults.disks:
            shutil.copytree(self.directory / "state" / name, self.directory / ("journal-" + name), dirs_exist_ok=True)

    def report(self):
        if self.faults is None:
            return
        if not self.whole:
            print("Ended early: what came after the last round has not been checked.")
        counts, told = self.faults.counts, {}
        for receipt in self.clients.receipts:
            told[receipt.told] = told.get(receipt.told, 0) + 1
        common.table(["", ""], [
            ["kills", self.faults.kills()],
            *([name, counts[name]] for name in (faults.KILLS, faults.POINTS)),
            ["partitions", self.faults.partitions()],
            *([kind, "%d of %d bit" % (self.faults.bitten[kind], self.faults.done[kind])] for kind in self.plan.kinds),
            ["writes that failed for want of space", self.faults.failed_writes],
            ["transactions", len(self.clients.receipts)],
            *(["told " + name, told.get(name, 0)] for name in (*clients.OUTCOMES, clients.NOTHING)),
            ["seconds", "%.0f" % (time.monotonic() - self.begun)],
            ["breaches", len(self.breaches)],
            ["seed", self.options.seed],
            ["commit", self.commit],
        ])
        for point in self.points:
            print("%5d deaths at %s" % (self.faults.at[point], point.replace("io.handfast.tx.", "")))
        self.missing = [kind for kind in self.options.faults if not self.faults.bitten[kind]]
        for kind in self.missing:
            print("MISSING: %s was asked for, and has not bitten once" % kind)
        for breach in self.breaches[:SHOWN]:
            print("BREACH: " + breach)
        if len(self.breaches) > SHOWN:
            print("and %d more" % (len(self.breaches) - SHOWN))
        if self.breaches:
            print("Logs, journals, faults and receipts are kept in %s" % self.directory)


def drawn_seed():
    return random.SystemRandom().randrange(1_000_000)
