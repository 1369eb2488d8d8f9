"""Two services that write, each to a database of its own: their COMMIT as a vote, and two-phase commit by hand."""
from harness import common
from harness.pg import town
from harness.tx import mesh

WAITING = "Handfast"
NOT_WAITING = "Handfast, completion_wait: 0"
HAND, BARE, UNDECIDED = "by hand, through the sidecars", "by hand, no sidecar", "by hand, no sidecar, no decision kept"
NONE = "no transaction: each its own COMMIT"
PATHS = {WAITING: "/wait/", NOT_WAITING: "/tx/", HAND: "/hand/", BARE: "/bare/", UNDECIDED: "/undecided/", NONE: "/plain/"}
READS = {"/reads": "in a transaction of the mesh", "/passed-reads": "in none, through the sidecar",
         "/plain-reads": "in none, the database itself"}
FIRST_READS = "/reads"
CPU_EACH = "CPU ms each: sidecars + services + PostgreSQL"


def run(options, directory):
    measure(options, directory, "", {}, PATHS, READS)


def measure(options, directory, disk, environment, paths, reads_of):
    bank = town.Town(directory, environment)
    try:
        warm(bank, options, paths, reads_of)
        written, forced = [], []
        read = []
        for nth in range(options.rounds):
            written.append(writes(bank, options, paths, nth % 2 == 1, forced))
        for nth in range(options.rounds):
            read.append(reads(bank, options, reads_of, nth % 2 == 1))
    finally:
        bank.close()
    print("\nTwo services, two databases, an UPDATE in each%s, %d clients, %d rounds of %g s in turn\n%s" % (
        disk, options.clients, options.rounds, options.seconds, common.machine()))
    common.table(["", "commits/s", "Handfast ÷ it", "p50 / p99, ms", CPU_EACH], rows_of(written, paths))
    common.table(["forced writes of a journal per commit of " + WAITING, ""], forced_rows(forced))
    if reads_of:
        common.table(["one service, a SELECT and COMMIT, %d clients" % options.clients, "requests/s", "Handfast ÷ it",
                      "p50 / p99, ms", CPU_EACH], read_rows(read))


def entrance(bank, name):
    """By way of its sidecar, but for what is to be without one."""
    return bank.front.service if name in (BARE, UNDECIDED) else bank.front.inbound


def warm(bank, options, paths, reads_of):
    """What is longest on the way first: the others find much of it compiled."""
    for name, path in paths.items():
        mesh.warm_up(name, lambda seconds: bank.load(entrance(bank, name), path, options.clients, seconds),
                     bank.pids(), options.warm_up if name == WAITING else options.warm_up / 4)
    for path in reads_of:
        mesh.warm_up(path, lambda seconds: bank.load(bank.members["a"].inbound, path, options.clients, seconds),
                     bank.pids(), options.warm_up / 2 if path == FIRST_READS else options.warm_up / 8)


def writes(bank, options, paths, reverse, forced):
    seen = {}
    for name in reversed(paths) if reverse else paths:
        journals, completed, cpu = bank.journals(), bank.completed(), bank.cpu_seconds()
        seen[name] = bank.load(entrance(bank, name), PATHS[name], options.clients, options.seconds)
        requests = seen[name]["requests"]
        seen[name]["cpu_ms"] = cpu_ms(bank, cpu, seen[name])
        if name == WAITING:
            told = seen[name]["outcomes"].get("committed", 0)
            if told != requests:
                raise common.Failure("%s (expected: all committed)" % seen[name]["outcomes"])
            check_prepared(requests, mesh.difference(bank.completed(), completed))
            after = bank.journals()
            forced.append({member: mesh.difference(after[member], journals[member])["syncs"] / requests
                           for member in after})
    return seen


def check_prepared(commits, completed):
    """A COMMIT that the sidecar has let through would be quick, and no vote."""
    for name, count in completed.items():
        if count < commits:
            raise common.Failure("%s: %d of %d blocks were prepared and committed by its sidecar (expected: all)" % (
                name, count, commits))


def reads(bank, options, paths, reverse):
    seen = {}
    for path in reversed(paths) if reverse else paths:
        cpu = bank.cpu_seconds()
        seen[path] = bank.load(bank.members["a"].inbound, path, options.clients, options.seconds)
        seen[path]["cpu_ms"] = cpu_ms(bank, cpu, seen[path])
    return seen


def cpu_ms(bank, before, seen):
    return [(now - then) * 1e3 / seen["requests"] for now, then in zip(bank.cpu_seconds(), before)]


def cpu_cell(each, form):
    return " + ".join(common.middle([seen["cpu_ms"][nth] for seen in each], form) for nth in range(3))


def rate(seen):
    return seen["requests"] / seen["seconds"]


def latency(each):
    return "%s / %s" % tuple(common.middle([seen[name] / 1e3 for seen in each], "%.1f") for name in ("p50_us", "p99_us"))


def ratio(rounds, ours, theirs):
    """Paired within a round."""
    return common.middle([rate(one[ours]) / rate(one[theirs]) for one in rounds], "%.2f")


def rows_of(rounds, paths):
    return [[
        name,
        common.middle([rate(one[name]) for one in rounds], "%.0f"),
        "" if name == WAITING else ratio(rounds, WAITING, name),
        latency([one[name] for one in rounds]),
        cpu_cell([one[name] for one in rounds], "%.2f"),
    ] for name in paths]


def forced_rows(forced):
    return [[name, common.middle([one[name] for one in forced], "%.3f")] for name in forced[0]]


def read_rows(rounds):
    return [[
        name,
        common.middle([rate(one[path]) for one in rounds], "%.0f"),
        "" if path == FIRST_READS else ratio(rounds, FIRST_READS, path),
        latency([one[path] for one in rounds]),
        cpu_cell([one[path] for one in rounds], "%.3f"),
    ] for path, name in READS.items()]
