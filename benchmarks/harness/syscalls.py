"""System calls of a request at saturation, counted by strace: in a run of its own, for it slows down what it counts."""
import os
import pathlib
import re
import signal
import time

from harness import common

# Rarer ones are in the sum only.
LEAST_SHOWN = 0.01
ATTACH_SECONDS = 15


def count(peer, strace, drive, directory):
    """Calls by name for each request that a drive, a function that says how many it has made, makes."""
    counts, pids = directory / (peer.name + ".calls"), common.tree(peer.process.pid)
    tracer = common.start(
        [strace, "-f", "-c", "-o", counts, *(word for pid in pids for word in ("-p", pid))], log=directory / "strace.log")
    end = time.monotonic() + ATTACH_SECONDS
    while not all(traced(pid) for pid in pids):
        if tracer.poll() is not None or time.monotonic() > end:
            raise common.Failure("strace does not attach to %s:\n%s" % (peer.name, common.tail(directory / "strace.log")))
        time.sleep(0.05)
    requests = drive()
    os.kill(tracer.pid, signal.SIGINT)
    tracer.wait()
    common.stop(tracer)
    return {name: calls / requests for name, calls in parse(counts.read_text()).items()}


def traced(pid):
    return all(re.search(r"TracerPid:\s+[1-9]", common.read_proc(task)) for task in pathlib.Path("/proc/%d/task" % pid).glob("*/status"))


def parse(text):
    """Calls by name, of the table that strace -c makes."""
    lines = re.finditer(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+)(?: +\d+)? +(\w+)$", text, re.MULTILINE)
    return {line[2]: int(line[1]) for line in lines if line[2] != "total"}


def rows_of(title, counts):
    """Of {peer: {name: calls for each request}}: the most frequent ones first."""
    frequent = {}
    for calls in counts.values():
        for name, number in calls.items():
            frequent[name] = max(frequent.get(name, 0), number)
    rows = [("%s: system calls/request, saturated" % title, {
        peer: "%.2f" % sum(calls.values()) for peer, calls in counts.items()})]
    for name in sorted(frequent, key=frequent.get, reverse=True):
        if frequent[name] >= LEAST_SHOWN:
            rows.append(("%s: %s" % (title, name), {
                peer: "%.2f" % calls.get(name, 0) for peer, calls in counts.items()}))
    return rows
