"""Processes, ports, CPU time and tables: what every measurement needs."""
import atexit
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import time

HOME = pathlib.Path(__file__).resolve().parents[2]
LIB = HOME / "benchmarks/target/benchmarks/lib"
PEERS = HOME / "benchmarks/target/peers"
TICKS = os.sysconf("SC_CLK_TCK")

# A JVM is warm when its compilers take no more than this share of what it takes.
WARM_SHARE = 0.04
IDLE_SECONDS = 0.1
_children = []


class Failure(Exception):
    """Something that whoever runs this has to read, in a sentence."""


def java():
    """The JDK 25 that the build uses."""
    found = subprocess.run(
        ["sh", "-c", '. "%s/.mvn/find-jdk.sh" && echo "$JAVA_HOME"' % HOME], capture_output=True, text=True)
    if found.returncode:
        raise Failure(found.stderr.strip())
    return found.stdout.strip() + "/bin/java"


def build():
    """Builds this module and all that it measures, where a source is newer than the last build."""
    built = max((jar.stat().st_mtime for jar in LIB.glob("handfast-*.jar")), default=0)
    modules = ("proxy", "tx-interceptor", "control-plane-client", "benchmarks")
    newest = max(
        path.stat().st_mtime for module in modules for path in (HOME / module / "src/main").rglob("*"))
    if built < newest:
        print("Building ...", flush=True)
        done = subprocess.run(
            [HOME / "mvnw", "-q", "-Dfast", "-Dmaven.test.skip", "-f", HOME / "pom.xml",
             "-pl", "benchmarks", "-am", "package"])
        if done.returncode:
            raise Failure("the build failed")


def jmh(arguments):
    build()
    os.chdir(HOME)
    command = [java(), "-cp", "%s/*" % LIB, "org.openjdk.jmh.Main", *arguments]
    os.execv(command[0], command)


def find(program, what_for):
    """The path of a program: by an environment variable of its name, as setup-peers left it, or on PATH; or None."""
    path = os.environ.get(program.upper()) or shutil.which(program, path=str(PEERS)) or shutil.which(program)
    if not path:
        print("%s is not on PATH: %s." % (program, what_for))
    elif not os.access(path, os.X_OK):
        raise Failure("%s: %s (expected: the path of a program)" % (program.upper(), path))
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, cpu=None, log=None, **options):
    """Starts a process in a group of its own, pinned to one CPU if asked for; it ends with this one."""
    pinned = ["taskset", "-c", str(cpu)] if cpu is not None else []
    out = open(log, "ab") if log else subprocess.DEVNULL
    process = subprocess.Popen(
        [*pinned, *map(str, command)], stdout=options.pop("stdout", out), stderr=options.pop("stderr", out),
        start_new_session=True, **options)
    _children.append(process)
    return process


def stop(process):
    """SIGTERM, then SIGKILL, to the process and its group, and waits for its end."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process in _children:
        _children.remove(process)


@atexit.register
def _stop_all():
    for process in list(_children):
        stop(process)


def await_port(port, process, log):
    for _ in range(600):
        if process.poll() is not None:
            raise Failure("%s ended with %d:\n%s" % (process.args, process.returncode, tail(log)))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise Failure("nobody listens on port %d:\n%s" % (port, tail(log)))


def tail(log, lines=20):
    return "\n".join(pathlib.Path(log).read_text(errors="replace").splitlines()[-lines:])


def tree(pid):
    """A process and its descendants."""
    pids = [pid]
    for one in pids:
        for task in pathlib.Path("/proc/%d/task" % one).glob("*/children"):
            pids += map(int, read_proc(task).split())
    return pids


def read_proc(path):
    """What the file says; empty if its process or thread has just ended."""
    try:
        return pathlib.Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def cpu_seconds(pid):
    """User and system time of a process tree so far, with that of children that have ended."""
    # Children first: of one that ends meanwhile its parent has the time.
    return sum(own_seconds(one) + sum(times(read_proc("/proc/%d/stat" % one))[2:]) / TICKS for one in reversed(tree(pid)))


def own_seconds(pid):
    """Of one process: its clock of CPU time counts nanoseconds, /proc/PID/stat hundredths of a second. 0 if it has ended."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # as clock_getcpuclockid(3) makes it
    except OSError:
        return 0


def settle(pid, limit=2):
    """Waits until a process tree does next to nothing, so many seconds at most: what a load has left behind is not the next one's."""
    end, before = time.monotonic() + limit, cpu_seconds(pid)
    while time.monotonic() < end:
        time.sleep(IDLE_SECONDS)
        after = cpu_seconds(pid)
        if after - before < IDLE_SECONDS / 20:
            return
        before = after


def compiler_seconds(pid):
    """The part of it that the compilers of a JVM took."""
    total = 0
    for task in pathlib.Path("/proc/%d/task" % pid).glob("*/stat"):
        stat = read_proc(task)
        if "CompilerThre" in stat.partition("(")[2].rpartition(")")[0]:
            total += sum(times(stat)[:2])
    return total / TICKS


def share(part, whole):
    """Of CPU seconds; 0 of nothing."""
    return part / whole if whole else 0


def times(stat):
    """Of a line of /proc/PID/stat: user, system, and those two of its children that have ended, in ticks."""
    return [int(field) for field in stat.rpartition(")")[2].split()[11:15]]


def memory_mib(pid):
    """RSS and PSS of a process tree in MiB."""
    rss = pss = 0
    for one in tree(pid):
        for line in read_proc("/proc/%d/smaps_rollup" % one).splitlines():
            if line.startswith("Rss:"):
                rss += int(line.split()[1])
            elif line.startswith("Pss:"):
                pss += int(line.split()[1])
    return rss / 1024, pss / 1024


def load(java_path, cpu=None, **options):
    """Runs the load generator of this module to its end; a dict of what it saw."""
    pinned = ["taskset", "-c", str(cpu)] if cpu is not None else []
    command = [
        *pinned, java_path, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms64m", "-Xmx256m", "-cp", "%s/*" % LIB,
        "io.handfast.benchmarks.load.LoadMain", *("%s=%s" % item for item in options.items())]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failure("the load generator failed:\n" + done.stderr)
    return json.loads(done.stdout)


def median(values, form):
    return form % statistics.median(values)


def middle(values, form="%.1f"):
    """Median and, in parentheses, the least and the greatest."""
    return (form + " (" + form + "–" + form + ")") % (statistics.median(values), min(values), max(values))


def table(head, rows):
    print()
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)


def ticks():
    """Of all processors since the machine's start: what its host gave to others, and all."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
    return fields[7], sum(fields)


STARTED = ticks()


def stolen():
    """The part of the processors' time since this program's start that the machine's host gave to others."""
    return share(*(now - then for now, then in zip(ticks(), STARTED)))


def machine():
    """One line for the table's caption."""
    model = next(
        (line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(open("/proc/meminfo").readline().split()[1]) / 2**20
    return "%s, %d × %s, %.0f GiB, of whose time its host took %.0f %%, Linux %s, %s, commit %s" % (
        time.strftime("%Y-%m-%d"), os.cpu_count(), model, memory, stolen() * 100, platform.release(), jdk_version(), commit())


def commit():
    """Of the checkout, abbreviated."""
    said = subprocess.run(["git", "-C", HOME, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return said.stdout.strip() or "?"


def jdk_version():
    said = subprocess.run([java(), "-version"], capture_output=True, text=True).stderr
    return "JDK " + said.split('"')[1]
