"""What a transaction adds to a request to two services, beside what it is made of."""
import statistics

from harness import common
from harness.tx import mesh


def run(options, directory):
    sync = statistics.median(mesh.disk_sync_ms(directory))
    town = mesh.Mesh(directory)
    try:
        for path in (mesh.PLAIN, mesh.WITHOUT_WAIT):
            mesh.warm_up("latency, " + path, lambda seconds: town.load(path + "1", 8, seconds), town.pids(),
                         options.warm_up / 2)
        rounds = [measured(town, options.seconds / 2, nth % 2 == 1) for nth in range(options.rounds)]
    finally:
        town.close()
    print("\nA request to two services, one client, completion_wait: 0, %d rounds of %g s each way\n%s" % (
        options.rounds, options.seconds / 2, common.machine()))
    common.table(["", "median (least–greatest)"], rows_of(rounds, sync))


def measured(town, seconds, reverse):
    """One round: without, with, and the way to a service and back; ms."""
    figures = {}

    def without():
        figures["without"] = town.load(mesh.PLAIN + "1", 1, seconds)

    def with_one():
        before = town.journals()
        figures["with"] = town.committed(mesh.WITHOUT_WAIT, 1, seconds, 1)
        after = town.journals()
        for key, name in (("coordinator", "front"), ("participant", "a")):
            spent = mesh.difference(after[name], before[name])
            figures[key] = spent["sync_seconds"] / max(1, spent["syncs"]) * 1e3

    def loopback():
        figures["loopback"] = town.load(mesh.PLAIN, 1, seconds / 4, town.members["a"].service)["p50_us"] / 1e3
    steps = [without, with_one, loopback]
    for step in reversed(steps) if reverse else steps:
        step()
    for key in ("without", "with"):
        seen = figures.pop(key)
        figures[key + " p50"], figures[key + " p99"] = seen["p50_us"] / 1e3, seen["p99_us"] / 1e3
    return figures


def rows_of(rounds, sync):
    def middle(figure, form="%.3f"):
        return common.middle([figure(one) for one in rounds], form)

    def added(one):
        return one["with p50"] - one["without p50"]

    def beyond(one):
        return added(one) - one["participant"]
    return [
        ["without a transaction, p50 / p99, ms",
         middle(lambda one: one["without p50"]) + " / " + middle(lambda one: one["without p99"])],
        ["with one, p50 / p99, ms", middle(lambda one: one["with p50"]) + " / " + middle(lambda one: one["with p99"])],
        ["added, p50, ms", middle(added)],
        ["the participant's own force, mean, ms", middle(lambda one: one["participant"])],
        ["added beyond it, ms", middle(beyond)],
        ["the coordinator's force, mean, ms", middle(lambda one: one["coordinator"])],
        ["a round trip over loopback to a service, p50, ms", middle(lambda one: one["loopback"])],
        ["added beyond it ÷ (force + round trip)",
         middle(lambda one: beyond(one) / (one["coordinator"] + one["loopback"]), "%.2f")],
        ["the disk's own fdatasync, idle, median ms", "%.3f" % sync],
    ]
