"""Many clusters by a control plane, of which one in a hundred changes each second, and what a request costs meanwhile."""
import types

from harness import common, load, peers, xds

ENDPOINTS, CONNECTIONS = 10, 64
# The control plane begins its changes before the load, and ends them after it.
MARGIN = 2


def measure(count):
    def measured(programs, directory, options):
        """Rows of the table, and the versions of who is in it."""
        if not programs["pace"]:
            print("clusters-%d is left out: needs cc." % count)
            return [], {}
        place = types.SimpleNamespace(endpoints=ENDPOINTS)
        planes = [xds.Plane(name, programs[name], directory, "delta", place) for name in xds.NAMES if programs[name]]
        for plane in planes:
            plane.tell("put %d" % count)
        for nth, plane in enumerate(xds.alternating(planes, options.rounds)):
            begun = plane.start_proxy()
            plane.add("start", plane.tell("first")["epoch_ms"] - begun)
            if nth < len(planes) * (options.rounds - 1):
                plane.stop_proxy()
        for plane in planes:
            plane.add("fresh", common.memory_mib(plane.proxy.pid))
            xds.warm_up(plane, lambda: changing(plane, programs, count, peers.WARM_UP_SLICE), options.warm_up)
        for nth, plane in enumerate(xds.alternating(planes, options.rounds)):
            plane.add("quiet", paced(plane, programs, options.seconds))
            plane.add("changing", changing(plane, programs, count, options.seconds))
            print("%d clusters, %s: %.1f µs, with changes %.1f µs" % (
                count, plane.name, plane.figures["quiet"][-1]["cpu"], plane.figures["changing"][-1]["cpu"]), flush=True)
        for plane in planes:
            plane.add("loaded", common.memory_mib(plane.proxy.pid))
            if plane.name == "Handfast":
                plane.add("heap", xds.live_heap_mib(plane.proxy.pid))
            common.stop(plane.proxy)
            common.stop(plane.process)
        return rows_of(count, planes), {plane.name: peers.version(plane.name, programs[plane.name]) for plane in planes}
    return measured


def changes(count):
    """A second."""
    return max(1, count // 100)


def changing(plane, programs, count, seconds):
    plane.send("churn %d %d" % (changes(count), seconds + MARGIN))
    cost = paced(plane, programs, seconds)
    plane.read()
    return cost


def paced(plane, programs, seconds):
    driver = load.Pace(programs["pace"], "h1", plane.listener, "/c0/", CONNECTIONS, load.FIXED_RATE, seconds)
    before = common.cpu_seconds(plane.proxy.pid)
    seen = driver.go()
    return {"cpu": (common.cpu_seconds(plane.proxy.pid) - before) * 1e6 / seen.requests, "p99": seen.latencies["p99"]}


def rows_of(count, planes):
    title = "%d clusters" % count

    def compared(what, figure, form):
        return {plane.name: common.median([figure(one) for one in plane.figures[what]], form) + (
            "" if plane is planes[0] else "; %s ×" % common.middle(peers.ratios(*(
                [figure(one) for one in each.figures[what]] for each in (planes[0], plane))), "%.2f")) for plane in planes}

    def memory(what):
        return {plane.name: "%.0f / %.0f" % plane.figures[what][-1] for plane in planes}

    at = "at %d/s" % load.FIXED_RATE
    return [
        ("%s: start to first 200, ms" % title, compared("start", float, "%.0f")),
        ("%s: RSS / PSS after the start, MiB" % title, memory("fresh")),
        ("%s: RSS / PSS loaded, MiB" % title, memory("loaded")),
        ("%s: live heap, MiB" % title, {
            plane.name: "%.1f" % plane.figures["heap"][-1] for plane in planes if "heap" in plane.figures}),
        ("%s: CPU µs/request %s" % (title, at), compared("quiet", lambda one: one["cpu"], "%.1f")),
        ("%s: the same with %d changes a second" % (title, changes(count)), compared("changing", lambda one: one["cpu"], "%.1f")),
        ("%s: p99 µs %s with changes" % (title, at), compared("changing", lambda one: one["p99"], "%.0f")),
    ]
