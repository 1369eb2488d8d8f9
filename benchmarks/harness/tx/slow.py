"""Group commit where a force is dear: each takes 5 ms, by a library that is loaded before libc."""
import shutil
import subprocess

from harness import common
from harness.tx import forces, mesh

FORCE_US = 5000
CLIENTS = 64


def run(options, directory):
    environment = slow_disk(directory)
    if environment is None:
        return
    town = mesh.Mesh(directory, environment)
    try:
        mesh.warm_up("slow", lambda seconds: town.committed(mesh.WITHOUT_WAIT, CLIENTS, seconds, forces.PARTICIPANTS),
                     town.pids(), options.warm_up)
        runs = [forces.measured(town, CLIENTS, options.seconds) for _ in range(options.rounds)]
    finally:
        town.close()
    print("\nGroup commit where a force takes %g ms, %d clients, %d rounds of %g s\n%s" % (
        FORCE_US / 1e3, CLIENTS, options.rounds, options.seconds, common.machine()))
    common.table(["", "median (least–greatest)"], rows_of(runs))


def slow_disk(directory):
    """What a process needs in its environment for its forces to take so long; None, and a line that says so, without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        print("cc is not on PATH: slow is left out.")
        return None
    library = directory / "slow_sync.so"
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", library, mesh.SOURCE / "slow_sync.c", "-ldl"],
        capture_output=True, text=True)
    if done.returncode:
        raise common.Failure("slow_sync.c: " + done.stderr)
    return {"LD_PRELOAD": str(library), "HANDFAST_SLOW_SYNC_US": str(FORCE_US)}


def rows_of(runs):
    def middle(figure, form):
        return common.middle([figure(run) for run in runs], form)

    def of(name, above, below, factor=1):
        return lambda run: run["journals"][name][above] / max(1, below(run)) * factor

    def commits(run):
        return run["commits"]

    def syncs(name):
        return lambda run: run["journals"][name]["syncs"]
    return [
        ["durable commits/s", middle(lambda run: run["commits"] / run["seconds"], "%.0f")],
        *(["forced writes per commit, " + title, middle(of(name, "syncs", commits), "%.3f")]
          for name, title in (("front", "coordinator"), ("a", "participant a"), ("b", "participant b"))),
        ["mean batch, coordinator, records per forced write", middle(of("front", "appends", syncs("front")), "%.1f")],
        ["mean batch, participant a", middle(of("a", "appends", syncs("a")), "%.1f")],
        ["mean forced write, coordinator, ms", middle(of("front", "sync_seconds", syncs("front"), 1e3), "%.2f")],
    ]
