"""What a request costs in each of the first ten seconds of a process, beside what it costs when it is warm."""
import time

from harness import common, load, peers, startup

SECONDS = 10
CONNECTIONS = 64


def measure(programs, directory, options, start_upstream):
    """Rows of the table, and the versions of who is in it."""
    if not programs["pace"]:
        print("warm-up is left out: needs cc.")
        return [], {}
    upstream, port = start_upstream(directory)
    names = [name for name in ("Handfast", startup.UNCACHED, "Envoy") if name not in programs or programs[name]]
    runs = {name: {"paced": [], "saturated": [], "steady": []} for name in names}
    for nth in range(options.rounds):
        for name in names if nth % 2 == 0 else reversed(names):
            for kind, rate in (("paced", load.FIXED_RATE), ("saturated", 0)):
                peer = start(name, programs, directory, port)
                runs[name][kind].append(seconds_of(peer, programs, rate))
                if kind == "saturated" and nth == options.rounds - 1:
                    runs[name]["steady"] = steady(peer, programs, options)
                common.stop(peer.process)
            print("Warm-up, round %d: %s %s µs/request at %d/s" % (
                nth + 1, name, " ".join("%.0f" % cost for cost in runs[name]["paced"][-1]), load.FIXED_RATE), flush=True)
    common.stop(upstream)
    return rows_of(runs), startup.versions(names, programs)


def start(name, programs, directory, upstream):
    port, log = common.free_port(), directory / (name + ".log")
    command = startup.command_of(name, programs, directory, 1, port, upstream)
    process = common.start(command, peers.CPU, log, env=startup.environment(name))
    common.await_port(port, process, log)
    startup.check_cache(name, process)
    return peers.Peer(name, process, port)


def pace(peer, programs, rate, seconds):
    return load.Pace(programs["pace"], "h1", peer.port, "/c0/", CONNECTIONS, rate, seconds)


def seconds_of(peer, programs, rate):
    """CPU µs per request, second by second; the process' first requests, one on each connection, are of the first second."""
    spent = [common.cpu_seconds(peer.process.pid)]
    driver = pace(peer, programs, rate, SECONDS)
    begun = time.monotonic()
    driver.begin()
    for nth in range(SECONDS):
        time.sleep(max(0, begun + nth + 1 - time.monotonic()))
        spent.append(common.cpu_seconds(peer.process.pid))
    first, *others = driver.seen().each_second
    return costs(spent, [first + CONNECTIONS, *others])


def costs(spent, answers):
    """Of CPU seconds so far at each second's end, and answers in each second; the whole second's CPU where there was none."""
    return [(after - before) * 1e6 / max(1, count) for before, after, count in zip(spent, spent[1:], [*answers, *[0] * SECONDS])]


def steady(peer, programs, options):
    """At a fixed rate and saturated, when a JVM's compilers have little left to do."""
    peers.warm_up(peer, "Warm-up", lambda: pace(peer, programs, 0, peers.WARM_UP_SLICE).go(), options.warm_up)
    found = []
    for rate in (load.FIXED_RATE, 0):
        common.settle(peer.process.pid)
        driver = pace(peer, programs, rate, options.seconds)
        before = common.cpu_seconds(peer.process.pid)
        seen = driver.go()
        found.append((common.cpu_seconds(peer.process.pid) - before) * 1e6 / seen.requests)
    return found


def rows_of(runs):
    def cell(of, nth):
        return " / ".join(common.median([one[nth] for one in of[kind]], "%.0f") for kind in ("paced", "saturated"))
    title = "CPU µs/request at %d/s / saturated" % load.FIXED_RATE
    return [("%s, second %d" % (title, nth + 1), {name: cell(of, nth) for name, of in runs.items()})
            for nth in range(SECONDS)] + [
        ("%s, warm (once, in the last round)" % title, {name: "%.0f / %.0f" % tuple(of["steady"]) for name, of in runs.items()})]
