"""Whether it held: who is excused for what, how fast memory grows, and what is a breach."""
import statistics
import time

# An exchange that leaves a kilobyte behind adds 60 MiB a minute at 1,000 a second, and one that leaves an object of
# 32 bytes 2 MiB. Below that it is the JVM's own: compiled code, a heap that finds its size.
MAX_SLOPE_MIB_PER_MINUTE = 2.0
# A JVM is still finding its size before that, and a line through a few samples says nothing.
LEAST_JUDGED_MINUTES = 5
HEAP_SLACK_MIB = 4
DIRECT_SLACK_PERCENT = 6  # of 256 MiB 15, some chunks of an allocator: what a busier moment takes
DESCRIPTORS_SLACK = 8


# Whose upstream has gone is to hear of it: connections break at once, and one that is attempted has a second.
HEARD_MS = 3000


def excused(failure, windows):
    """
    Whether its upstream was being restarted at some moment of an exchange that failed, and it failed for that: soon. A wrong
    answer has no excuse, and none who waits on for an answer that cannot come any more.
    """
    return (not failure["wrong"] and failure["upstream"] == "restarted" and any(
        failure["begun_ms"] <= end and begin <= failure["ended_ms"] <= end + HEARD_MS for begin, end in windows))


def slope(samples):
    """MiB a minute of a line through the second half of (seconds, MiB); 0 of too few."""
    half = [one for one in samples if one[0] >= samples[-1][0] / 2] if samples else []
    if len(half) < 3:
        return 0.0
    x, y = (statistics.mean(values) for values in zip(*half))  # the line with the least squares
    return sum((a - x) * (b - y) for a, b in half) / sum((a - x) ** 2 for a, _ in half) * 60


def clock(millis):
    """As the proxy's log has it, in UTC."""
    return "%s.%03dZ" % (time.strftime("%H:%M:%S", time.gmtime(millis // 1000)), millis % 1000)


def from_log(lines):
    """Leaks that Netty's detector tells, and exceptions that no handler of a pipeline took."""
    leaks = [line for line in lines if "LEAK" in line]
    untaken = [line for line in lines if "reached at the tail of the pipeline" in line]
    return leaks, ["the log: " + line for line in leaks] + (
        ["the log: %d exceptions that no handler took, the first: %s" % (len(untaken), untaken[0])] if untaken else [])


def sorted_out(said, failures, windows):
    """Rows of (kind, right, reset, excused, lost), and a sentence for each that is lost."""
    rows, lost = [], []
    for kind, counts in said["counts"].items():
        of = [failure for failure in failures if failure["kind"] == kind]
        guilty = [failure for failure in of if not excused(failure, windows)]
        if len(of) != counts["failed"] + counts["wrong"]:
            lost.append("%s: %d exchanges failed, and %d were told" % (kind, counts["failed"] + counts["wrong"], len(of)))
        if counts["right"] + counts["reset"] == 0:
            lost.append("%s: none was answered" % kind)
        lost += ["%s, %s, at %s after %d ms: %s" % (
            kind, failure["upstream"], clock(failure["ended_ms"]), failure["ended_ms"] - failure["begun_ms"], failure["what"])
            for failure in guilty]
        rows.append((kind, counts["right"], counts["reset"], len(of) - len(guilty), len(guilty)))
    return rows, lost


def active(stats, but=""):
    """Gauges of what is open or under way in the data path that are not 0, but for one."""
    return {name: value for name, value in stats.items()
            if value and name.startswith(("listener.", "http.", "cluster.", "tcp.")) and ".admin." not in name
            and name.endswith(("_active", "_bytes_buffered")) and not (but and name.endswith(but))}


def asleep(stats):
    """Of a proxy under load: a gauge by which it would be idle in the end whatever it does."""
    return ["no %s is above 0 under load (expected: one)" % gauge for gauge in ("downstream_cx_active", "upstream_cx_active")
            if not any(name.endswith(gauge) for name in active(stats))]


def unapplied(stats, pushes):
    """Pushes nobody took up. One that comes before the last was read is one with it, so half of them will do."""
    taken = {kind: sum(value for name, value in stats.items() if name.endswith(kind + ".update_success"))
             for kind in ("cds", "rds.routes")}
    return ["%s: %d of %d pushes were applied (expected: half of them, or more)" % (kind, count, pushes)
            for kind, count in taken.items() if count < pushes / 2]


def unseen(certificates, rotations):
    """Certificates that no client was shown. Some do not connect between two rotations, so half of them will do."""
    least = max(min(rotations, 2), rotations // 2)
    return ["%d certificates were seen after %d rotations (expected: at least %d)" % (certificates, rotations, least)
            ] if certificates < least else []


def memory_breaches(rss, minutes, heap, direct, descriptors):
    """Of RSS over the time, and (before, after) of the others."""
    breaches = []
    if minutes >= LEAST_JUDGED_MINUTES and slope(rss) > MAX_SLOPE_MIB_PER_MINUTE:
        breaches.append("RSS grows by %.2f MiB a minute (expected: at most %g)" % (slope(rss), MAX_SLOPE_MIB_PER_MINUTE))
    for what, (before, after), slack in (
            ("MiB of live heap", heap, HEAP_SLACK_MIB), ("% of direct memory", direct, DIRECT_SLACK_PERCENT),
            ("file descriptors", descriptors, DESCRIPTORS_SLACK)):
        if after > before + slack:
            breaches.append("%.0f %s when all have gone (expected: at most %g more than %.0f)" % (after, what, slack, before))
    return breaches
