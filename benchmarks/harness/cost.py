"""What a cluster and an endpoint that nobody uses cost: the live heap, class by class."""
import json
import pathlib
import re
import subprocess

from harness import common, peers, startup

SIZES = ((1, 1), (100, 1), (100, 10), (1000, 1), (1000, 10))
LINE = re.compile(r"^ *\d+: +(\d+) +(\d+) +(\S+)", re.MULTILINE)

# What the collector fills holes with is not reachable.
FILLER = "jdk.internal.vm.FillerElement"
BIGGEST = 16


def measure(programs, directory, options):
    """Rows of the table, and the versions of who is in it."""
    seen = {size: running(programs["Handfast"], directory, *size) for size in SIZES}
    print("\n%d clusters × %d endpoints, of which nobody is called: bytes, and objects, of one more" % SIZES[-1])
    show("cluster with one endpoint", seen[1000, 1], seen[1, 1], 999)
    show("endpoint", seen[1000, 10], seen[1000, 1], 9000)
    rows = [("%d clusters × %d endpoints: live heap, MiB" % size, {"Handfast": "%.1f" % (total(seen[size]) / 2**20)})
            for size in SIZES]
    return rows, {"Handfast": peers.version("Handfast", programs["Handfast"])}


def total(classes):
    return sum(size for _, size in classes.values())


def show(what, more, fewer, of):
    """A table of the classes that one more of these has most bytes of."""
    each = sorted((((size - fewer.get(name, (0, 0))[1]) / of, (count - fewer.get(name, (0, 0))[0]) / of, name)
                   for name, (count, size) in more.items()), reverse=True)
    common.table([what, "bytes", "objects"], [
        ("all", "%.0f" % ((total(more) - total(fewer)) / of), ""),
        *((name, "%.0f" % size, "%.1f" % count) for size, count, name in each[:BIGGEST])])


def running(program, directory, count, endpoints):
    """Objects and bytes by class, of a process that serves."""
    port, log = common.free_port(), directory / "cost.log"
    file = directory / "cost.json"
    file.write_text(json.dumps(startup.bootstrap(count, port, common.free_port(), 1, endpoints)))
    process = common.start(peers.handfast_command(program, file), peers.CPU, log)
    common.await_port(port, process, log)
    common.settle(process.pid, 20)
    said = subprocess.run(
        [pathlib.Path(common.java()).with_name("jcmd"), str(process.pid), "GC.class_histogram"], capture_output=True, text=True)
    common.stop(process)
    return classes(said.stdout)


def classes(histogram):
    found = {name: (int(count), int(size)) for count, size, name in LINE.findall(histogram) if FILLER not in name}
    if not found:
        raise common.Failure("jcmd GC.class_histogram said nothing:\n" + histogram[-500:])
    return found
