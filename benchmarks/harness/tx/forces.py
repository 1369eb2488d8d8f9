"""Forced writes of a committed transaction, at the coordinator and at a participant."""
import statistics
import time

from harness import common
from harness.tx import mesh

CLIENTS = (1, 8, 64)
PARTICIPANTS = 2
LAZY_PER_SECOND = 100  # one for each 10 ms: acknowledgements wait no longer for company


def run(options, directory):
    sync = statistics.median(mesh.disk_sync_ms(directory))
    town = mesh.Mesh(directory)
    try:
        mesh.warm_up("forces", lambda seconds: town.committed(mesh.WITHOUT_WAIT, 8, seconds, PARTICIPANTS),
                     town.pids(), options.warm_up)
        runs = [measured(town, clients, options.seconds) for clients in CLIENTS]
    finally:
        town.close()
    print("\nForced writes of transactions with two participants, completion_wait: 0, %g s each\n%s" % (
        options.seconds, common.machine()))
    common.table(["clients", *map(str, CLIENTS)], rows_of(runs, sync))


def measured(town, clients, seconds):
    """Commits, their seconds, and what each journal did for them."""
    before = town.journals()
    begun = time.monotonic()
    seen = town.committed(mesh.WITHOUT_WAIT, clients, seconds, PARTICIPANTS)
    time.sleep(0.1)  # until the last lazy record is forced
    took = time.monotonic() - begun
    after = town.journals()
    return {"commits": seen["requests"], "seconds": seen["seconds"], "took": took,
            "journals": {name: mesh.difference(after[name], before[name]) for name in after}}


def rows_of(runs, sync):
    def row(name, form, figure):
        return [name, *(form % figure(run) for run in runs)]

    def forces(name):
        return lambda run: run["journals"][name]["syncs"] / run["commits"]

    def batch(name):
        return lambda run: run["journals"][name]["appends"] / max(1, run["journals"][name]["syncs"])

    def force_ms(name):
        return lambda run: run["journals"][name]["sync_seconds"] / max(1, run["journals"][name]["syncs"]) * 1e3
    return [
        row("durable commits/s", "%.0f", lambda run: run["commits"] / run["seconds"]),
        row("forced writes per commit, coordinator", "%.3f", forces("front")),
        row("forced writes per commit, participant a", "%.3f", forces("a")),
        row("forced writes per commit, participant b", "%.3f", forces("b")),
        row("of which lazy ones may be, each 10 ms one", "%.3f",
            lambda run: run["took"] * LAZY_PER_SECOND / run["commits"]),
        row("mean batch, coordinator, records per forced write", "%.2f", batch("front")),
        row("mean batch, participant a", "%.2f", batch("a")),
        row("mean forced write, coordinator, ms", "%.2f", force_ms("front")),
        row("mean forced write, participant a, ms", "%.2f", force_ms("a")),
        row("the disk's own fdatasync, idle, median ms", "%.2f", lambda run: sync),
    ]
