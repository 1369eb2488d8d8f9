"""What the harness computes and reads, without a process: python3 -m unittest discover -s benchmarks/tests -t benchmarks"""
import contextlib
import io
import os
import pathlib
import tempfile
import threading
import time
import unittest
from unittest import mock

from harness import clusters, common, cost, http, load, peers, startup, stream, syscalls, tcp, warmup, xds
from harness.pg import commits as pg_commits, passing, town
from harness.tx import bank, commits, forces, latency, mesh, slow


class CommonTest(unittest.TestCase):

    def test_times_are_those_of_the_process_and_of_its_ended_children(self):
        stat = "42 (a ) name) S 1 42 42 0 -1 4194304 9 0 0 0 700 50 20 3 20 0 9 0 1 1 1"
        self.assertEqual([700, 50, 20, 3], common.times(stat))

    def test_a_process_that_has_ended_says_nothing(self):
        self.assertEqual("", common.read_proc("/proc/0/stat"))
        self.assertEqual([], common.times(""))

    def test_cpu_time_counts_more_finely_than_ticks(self):
        before = common.own_seconds(os.getpid())
        while time.process_time() - before < 0.001:
            pass
        self.assertGreater(common.own_seconds(os.getpid()), before)
        self.assertLess(abs(common.own_seconds(os.getpid()) - time.process_time()), 0.5)
        self.assertEqual(0, common.own_seconds(2**22 + 1))  # above the greatest there can be

    def test_settles_when_nothing_is_done_any_more_or_the_time_is_up(self):
        for spent, left in (([1.0, 1.09, 1.1, 1.1, 9.0], [9.0]), ([1.0, 2.0, 3.0, 4.0], [4.0])):
            cpu, clock = iter(spent), iter([0, 0.5, 1.5, 2.5] if len(spent) < 5 else [0] * 9)
            with mock.patch.object(common, "cpu_seconds", lambda _: next(cpu)), \
                    mock.patch.object(common.time, "sleep", lambda _: None), \
                    mock.patch.object(common.time, "monotonic", clock.__next__):
                common.settle(1)
            self.assertEqual(left, list(cpu))

    def test_share(self):
        self.assertEqual(0.25, common.share(0.5, 2.0))
        self.assertEqual(0, common.share(0.0, 0.0))

    def test_middle_is_median_and_extremes(self):
        self.assertEqual("2.0 (1.0–9.0)", common.middle([9, 1, 2]))

    def test_a_program_is_found_by_its_environment_variable(self):
        with tempfile.TemporaryDirectory() as directory:
            program = pathlib.Path(directory) / "some-proxy"
            program.write_text("")
            common.os.environ["SOME"] = str(program)
            self.addCleanup(common.os.environ.pop, "SOME")
            with self.assertRaisesRegex(common.Failure, "SOME: .* \\(expected: the path of a program\\)"):
                common.find("some", "")
            program.chmod(0o755)
            self.assertEqual(str(program), common.find("some", ""))


class LoadTest(unittest.TestCase):

    def test_wrk_says_requests_and_time(self):
        seen = load.wrk_seen("  30123 requests in 500.00ms, 35.1MB read\nRequests/sec:  60246.00\n")
        self.assertEqual((30123, 0.5), (seen.requests, seen.seconds))

    def test_wrk_saw_other_answers(self):
        for line in ("  Non-2xx or 3xx responses: 7", "  Socket errors: connect 0, read 3, write 0, timeout 0", None):
            with self.assertRaises(common.Failure):
                load.wrk_seen("" if line is None else "  30123 requests in 3.00s, 35.1MB read\n" + line)

    H2LOAD = ("finished in 3.01s, 12166.00 req/s, 12.79MB/s\n"
              "requests: 36498 total, 37498 started, 36498 done, 36498 succeeded, %d failed, %d errored, 0 timeout\n"
              "status codes: 36498 2xx, 0 3xx, %d 4xx, 0 5xx\n")

    def test_h2load_says_requests_and_time(self):
        seen = load.h2load_seen(self.H2LOAD % (0, 0, 0))
        self.assertEqual((36498, 3.01), (seen.requests, seen.seconds))

    def test_h2load_saw_errors(self):
        for counts in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
            with self.assertRaises(common.Failure):
                load.h2load_seen(self.H2LOAD % counts)


    def test_pace_says_what_each_second_had(self):
        seen = load.pace_seen('{"requests": 30, "seconds": 1.5, "p50_us": 80.5, "p99_us": 90.0, "p999_us": 95.0, "max_us": 99.0, '
                              '"each_second": [20, 10]}\n')
        self.assertEqual((30, 1.5, [20, 10], 90.0), (seen.requests, seen.seconds, seen.each_second, seen.latencies["p99"]))

    def test_without_a_compiler_there_is_no_pace(self):
        self.assertIsNone(load.pace_program(None))


class TcpTest(unittest.TestCase):

    def test_rows_pair_within_a_round(self):
        ours, theirs = peers.Peer("Handfast", None, 1), peers.Peer("Envoy", None, 2)
        for peer, cpu in ((ours, (0.5, 1.0)), (theirs, (1.0, 1.0))):
            peer.transfers, peer.rss, peer.pss = [{"cpu": one, "rate": 1.25} for one in cpu], 100, 90
        rows = dict(tcp.rows_of([ours, theirs]))
        self.assertEqual({"Handfast": "0.75", "Envoy": "1.00; 0.75 (0.50–1.00) ×"}, rows["TCP: CPU s/GiB"])

    def test_every_value_of_a_template_is_filled_in(self):
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            for command in tcp.COMMANDS.values():
                command("program", directory, 1, 2)
            self.assertEqual(4, len(list(directory.iterdir())))
            for file in directory.iterdir():
                self.assertNotIn("${", file.read_text().partition("\n")[2])

    def test_as_many_bytes_come_as_are_asked_for(self):
        port = common.free_port()
        threading.Thread(target=stream.source, args=(port,), daemon=True).start()
        count, seconds = None, 0
        while count is None:
            with contextlib.suppress(ConnectionRefusedError):  # it does not listen yet
                count, seconds = stream.drain(port, 600_001)
        self.assertEqual(600_001, count)
        self.assertGreater(seconds, 0)


class PeersTest(unittest.TestCase):

    def test_versions(self):
        for name, said in {
                "Envoy 1.40.0": "/peers/envoy  version: 9e5580933739775e8bce/1.40.0/Clean/RELEASE/BoringSSL",
                "HAProxy 2.6.12-1+deb12u4": "HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/",
                "nginx 1.22.1": "nginx version: nginx/1.22.1",
                "nghttpx 1.52.0": "nghttpx nghttp2/1.52.0",
                "Handfast 0.1.0-SNAPSHOT": "handfast 0.1.0-SNAPSHOT",
                "Other ?": "no number"}.items():
            self.assertEqual(name, peers.short_version(name.split()[0], said))

    def test_every_value_of_a_template_is_filled_in(self):
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            for workload in http.WORKLOADS.values():
                for peer in ("Handfast", *workload.peers):
                    peers.COMMANDS[peer]("program", workload, directory, 1, 2, "keys")
                peers.client_side(workload, directory / "client.cfg", 1, 2, "keys")
            files = list(directory.iterdir())
            self.assertEqual(
                ["client.cfg", "envoy.yaml", "handfast.yaml", "haproxy.cfg", "nginx.conf"], sorted(file.name for file in files))
            for file in files:
                self.assertNotIn("${", file.read_text().partition("\n")[2])


class HttpTest(unittest.TestCase):

    def test_rows_pair_within_a_round(self):
        ours, theirs = peers.Peer("Handfast", None, 1), peers.Peer("nginx", None, 1)
        for peer, cpu in ((ours, (10, 30, 20)), (theirs, (20, 20, 20))):
            peer.saturated = peer.fixed = [
                {"rate": 1000, "cpu": one, "p50": 1, "p99": 2, "p999": 3} for one in cpu]
            peer.rss, peer.pss = 100, 90
        rows = dict(http.rows_of(http.WORKLOADS["h1"], [ours, theirs]))
        self.assertEqual(
            {"Handfast": "20.0", "nginx": "20.0; 1.00 (0.50–1.50) ×"}, rows["HTTP/1.1: CPU µs/request, saturated"])
        self.assertEqual({"Handfast": "2", "nginx": "2; 1.00 (1.00–1.00) ×"}, rows["HTTP/1.1: p99 µs at 3000/s"])
        self.assertEqual({"Handfast": "1 / 3", "nginx": "1 / 3"}, rows["HTTP/1.1: p50 / p999 µs at 3000/s"])

    def test_no_latencies_where_the_load_says_none(self):
        peer = peers.Peer("Handfast", None, 1)
        peer.saturated = peer.fixed = [{"rate": 1000, "cpu": 1}]
        peer.rss, peer.pss = 100, 90
        self.assertFalse([title for title, _ in http.rows_of(http.WORKLOADS["grpc"], [peer]) if "p99" in title])

    def test_what_a_workload_needs(self):
        self.assertEqual((), http.needs(http.WORKLOADS["h1"]))
        self.assertEqual({"h2load", "nghttpd", "openssl", "HAProxy"}, set(http.needs(http.WORKLOADS["mtls-grpc"])))


class SyscallsTest(unittest.TestCase):

    TABLE = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.02    0.012345          12      2000           writev
 20.00    0.004000           4      1000         7 recvfrom
  0.00    0.000000           0         1           futex
------ ----------- ----------- --------- --------- ----------------
100.00    0.016345           5      3001         7 total
"""

    def test_calls_by_name_with_errors_and_without(self):
        self.assertEqual({"writev": 2000, "recvfrom": 1000, "futex": 1}, syscalls.parse(self.TABLE))

    def test_rare_calls_are_in_the_sum_only(self):
        rows = dict(syscalls.rows_of("h1", {"a": {"writev": 2.0, "futex": 0.001}, "b": {"writev": 1.0, "readv": 4.0}}))
        self.assertEqual(["h1: system calls/request, saturated", "h1: readv", "h1: writev"], list(rows))
        self.assertEqual({"a": "2.00", "b": "5.00"}, rows["h1: system calls/request, saturated"])
        self.assertEqual({"a": "0.00", "b": "4.00"}, rows["h1: readv"])


class StartTest(unittest.TestCase):

    def test_rows_pair_within_a_round_where_both_were_started(self):
        took = {"Handfast": {1: [100, 200], 100: [300, 300], 1000: [900, 900]}, "nginx": {1: [50, 50]}}
        rows = dict(startup.rows_of(took))
        self.assertEqual({"Handfast": "150", "nginx": "50; 3.00 (2.00–4.00) ×"}, rows["start to first 200 with 1 cluster, ms"])
        self.assertEqual({"Handfast": "900"}, rows["start to first 200 with 1000 clusters, ms"])

    def test_each_cluster_has_a_route_and_endpoints_of_its_own(self):
        made = startup.bootstrap(300, 1, 2, 3)["static_resources"]
        routes = made["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]["route_config"]["virtual_hosts"][0]["routes"]
        self.assertEqual([one["name"] for one in made["clusters"]], [one["route"]["cluster"] for one in routes])
        endpoints = [one["endpoint"]["address"]["socket_address"] for cluster in made["clusters"]
                     for group in cluster["load_assignment"]["endpoints"] for one in group["lb_endpoints"]]
        self.assertEqual(300 * startup.ENDPOINTS, len(endpoints))
        self.assertEqual(300 * (startup.ENDPOINTS - 1) + 1, len({(one["address"], one["port_value"]) for one in endpoints}))

    def test_the_cache_is_left_out_of_one_only(self):
        self.assertEqual("off", startup.environment(startup.UNCACHED)["HANDFAST_AOT"])
        self.assertNotIn("HANDFAST_AOT", {name: value for name, value in startup.environment("Handfast").items()
                                          if name not in os.environ})


class WarmUpTest(unittest.TestCase):

    def test_cost_of_each_second(self):
        costs = warmup.costs([1.0, 1.5, 1.7, 1.9], [1000, 2000])
        for expected, cost in zip((500, 100, 200_000), costs):
            self.assertAlmostEqual(expected, cost, 3)

    def test_rows_are_the_seconds_and_the_warm_figure(self):
        seconds = [float(900 - nth * 10) for nth in range(warmup.SECONDS)]
        rows = warmup.rows_of({"Handfast": {"paced": [seconds], "saturated": [seconds, seconds], "steady": [70.0, 20.0]}})
        self.assertEqual(warmup.SECONDS + 1, len(rows))
        self.assertEqual({"Handfast": "890 / 890"}, rows[1][1])
        self.assertEqual({"Handfast": "70 / 20"}, rows[-1][1])


class ClustersTest(unittest.TestCase):

    def test_rows_pair_within_a_round(self):
        class Told:
            def __init__(self, name, cpu):
                self.name, self.figures = name, {
                    "start": [100, 200], "fresh": [(50, 40)], "loaded": [(70, 60)],
                    "quiet": [{"cpu": one, "p99": 500.0} for one in cpu], "changing": [{"cpu": one, "p99": 900.0} for one in cpu]}
        ours, theirs = Told("Handfast", (10.0, 30.0)), Told("Envoy", (20.0, 20.0))
        ours.figures["heap"] = [12.3]
        rows = dict(clusters.rows_of(1000, [ours, theirs]))
        self.assertEqual("20.0; 1.00 (0.50–1.50) ×", rows["1000 clusters: the same with 10 changes a second"]["Envoy"])
        self.assertEqual({"Handfast": "12.3"}, rows["1000 clusters: live heap, MiB"])
        self.assertEqual({"Handfast": "70 / 60", "Envoy": "70 / 60"}, rows["1000 clusters: RSS / PSS loaded, MiB"])

    def test_one_in_a_hundred_changes_each_second(self):
        self.assertEqual([1, 1, 10], [clusters.changes(count) for count in (10, 100, 1000)])


class XdsTest(unittest.TestCase):

    def test_counts_of_all_clusters(self):
        self.assertEqual(
            {"membership_change": 5, "cluster_modified": 1},
            xds.counted("cluster.a.membership_change: 2\ncluster.b.membership_change: 3\n"
                        "cluster_manager.cluster_modified: 1\ncluster.a.upstream_rq_total: 9\n"))

    def test_a_class_has_objects_and_bytes_and_holes_are_none(self):
        said = ("   1:  10  240  [B (java.base@25)\n   2:   3   48  io.handfast.Host\n"
                "   3:   1   96  [Ljdk.internal.vm.FillerElement; (java.base@25)\nTotal  14  384\n")
        self.assertEqual({"[B": (10, 240), "io.handfast.Host": (3, 48)}, cost.classes(said))
        with self.assertRaisesRegex(common.Failure, "said nothing"):
            cost.classes("4711:\n")

    def test_live_heap_is_the_total_of_the_histogram(self):
        self.assertEqual(3, xds.histogram_mib("   1:  2  3145700  [B (java.base)\nTotal          24        3145728\n"))
        with self.assertRaises(common.Failure):
            xds.histogram_mib("no such process")

    def test_rows(self):
        class Told:
            def __init__(self, figures):
                self.figures = figures
        class Options:
            changes, rounds, rate = 10, 2, 100
        shared = {"cold": [300, 100, 200], "warm": [50], "empty": [60, 62], "loaded": [90], "endpoint": [1, 2, 9], "first endpoint": [8],
                  "touched": [10, 10], "modified": [0, 0], "quiet": [100], "pushed": [110], "ratio": [1.1], "noise": [1.05], "cpu": [7],
                  "start": [500]}
        rows = {row[0]: row[1:] for row in xds.rows_of("delta", [Told({**shared, "heap": [20]}), Told(shared)], Options)}
        self.assertEqual(["200 (100–300)"] * 2, rows["delta: all applied, fresh process, ms"])
        self.assertEqual(["20.0 (20.0–20.0)", "–"], rows["delta: live heap for them, MiB"])
        self.assertEqual(["1.00; 0 made anew"] * 2, rows["delta: clusters touched by it"])
        self.assertEqual(["1.05 (1.05–1.05)"] * 2, rows["delta: p99 with changes that nobody is told ÷ quiet"])
        self.assertEqual(["61 → 90"] * 2, rows["delta: PSS without → with them, MiB"])

    def test_warms_up_until_the_compilers_are_idle_or_the_time_is_up(self):
        class Process:
            pid = os.getpid()
        class Native:
            name, proxy = "native", Process
        steps = []
        with contextlib.redirect_stdout(io.StringIO()) as said:
            xds.warm_up(Native, lambda: steps.append(1), 0.1)
        self.assertEqual([1], steps)  # no compilers: warm at once
        self.assertNotIn("compilers", said.getvalue())
        busy = iter(range(1, 99))
        with mock.patch.object(common, "compiler_seconds", lambda _: next(busy)), \
                mock.patch.object(common, "cpu_seconds", lambda _: 0), \
                mock.patch.object(common, "share", lambda part, _: part), \
                mock.patch.object(xds.time, "monotonic", iter([0, 5, 11]).__next__), \
                contextlib.redirect_stdout(said):
            xds.warm_up(Native, lambda: steps.append(2), 10)
        self.assertEqual([1, 2, 2], steps)
        self.assertIn("11 s of warm-up, compilers take 100 %", said.getvalue())

    def test_the_template_is_filled_in(self):
        with tempfile.TemporaryDirectory() as name:
            file = peers.fill("xds.yaml", pathlib.Path(name) / "xds.yaml", admin=1, control=2, type="DELTA_GRPC")
            self.assertNotIn("${", file.read_text().partition("\n")[2])


class TxTest(unittest.TestCase):

    def test_share_of_the_compilers(self):
        before = {bank.SIDECARS: 1.0, bank.SERVICES: 1.0, bank.POSTGRES: 9.0, bank.COMPILERS: 1.5}
        after = {bank.SIDECARS: 2.0, bank.SERVICES: 4.0, bank.POSTGRES: 20.0, bank.COMPILERS: 2.5}
        self.assertEqual(0.25, bank.compilers_share(mesh.difference(after, before)))

    def test_lines_of_the_demo(self):
        line = "    bank-a     pid 4242    port 18180    its sidecar: pid 4343    port 18100, admin 18190"
        self.assertEqual(("bank-a", "4242", "18180", "4343", "18100", "18190"), bank.MEMBER.match(line).groups())

    def test_counters_of_a_journal(self):
        said = ("# TYPE handfast_journal_syncs_total counter\nhandfast_journal_appends_total 7.0\n"
                "handfast_journal_syncs_total{a=\"b\"} 2.0\nhandfast_journal_sync_seconds_total 0.5\nother 1\n")
        self.assertEqual({"appends": 7.0, "syncs": 2.0, "sync_seconds": 0.5}, mesh.counted(said))
        with self.assertRaises(common.Failure):
            mesh.counted("other 1\n")

    def test_a_participant_alone_has_callbacks_and_only_the_caller_has_peers(self):
        member = mesh.Member("a")
        made = mesh.config(member, pathlib.Path("/d"), [mesh.route("/try", {"participant": {}}), mesh.route("/")], "MTLS",
                           {"b": (1, 2)})
        resources = made["static_resources"]
        self.assertEqual(["inbound", "to-b"], [listener["name"] for listener in resources["listeners"]])
        self.assertEqual([None, {"typed_filter_metadata"}], [
            set(cluster["metadata"]) if "metadata" in cluster else None for cluster in resources["clusters"]])

    def test_what_is_not_confirmed_fails_ours_and_is_told_of_others(self):
        town = mesh.Mesh.__new__(mesh.Mesh)
        seen = {"statuses": {"200": 2}, "outcomes": {"committed": 2}, "requests": 2}
        with mock.patch.object(town, "counts", lambda: {"confirmed": 7}, create=True), \
                mock.patch.object(town, "load", lambda *_: seen, create=True), \
                mock.patch.object(mesh, "SETTLE_SECONDS", -1), contextlib.redirect_stdout(io.StringIO()) as said:
            with self.assertRaisesRegex(common.Failure, "of 4 branches .* 4 are not confirmed"):
                town.committed("/tx/", 1, 1, 2)
            self.assertEqual(seen, town.committed("/dtm/", 1, 1, 2, port=9))
        self.assertIn("/dtm/: of 4 branches", said.getvalue())

    @staticmethod
    def spent(syncs):
        return {"commits": 100, "seconds": 2.0, "took": 2.5, "journals": {
            name: {"syncs": syncs, "appends": 400, "sync_seconds": 0.2} for name in ("front", "a", "b")}}

    def test_forces_are_divided_by_commits(self):
        rows = {row[0]: row[1:] for row in forces.rows_of([self.spent(100), self.spent(50)], 0.1)}
        self.assertEqual(["1.000", "0.500"], rows["forced writes per commit, coordinator"])
        self.assertEqual(["2.500", "2.500"], rows["of which lazy ones may be, each 10 ms one"])
        self.assertEqual(["4.00", "8.00"], rows["mean batch, participant a"])
        self.assertEqual(["2.00", "4.00"], rows["mean forced write, coordinator, ms"])

    def test_slow_forces_are_a_median_of_rounds(self):
        rows = dict(map(tuple, slow.rows_of([self.spent(10), self.spent(20), self.spent(40)])))
        self.assertEqual("0.200 (0.100–0.400)", rows["forced writes per commit, participant b"])

    def test_what_is_added_beyond_the_participants_force_is_paired(self):
        one = {"without p50": 1.0, "without p99": 2.0, "with p50": 1.9, "with p99": 3.0, "participant": 0.3,
               "coordinator": 0.3, "loopback": 0.1}
        rows = dict(map(tuple, latency.rows_of([one], 0.2)))
        self.assertEqual("1.50 (1.50–1.50)", rows["added beyond it ÷ (force + round trip)"])

    def test_commits_are_compared_within_a_round(self):
        ours, theirs = commits.System(commits.HANDFAST, "/tx/"), commits.System(commits.SEATA, "/seata/", 1)
        for system, counts in ((ours, (100, 300, 200)), (theirs, (10, 10, 10))):
            system.seen = [{"requests": count, "seconds": 1.0, "p50_us": 1000, "p99_us": 2000, "cpu_ms": [1.5, 0.5]}
                           for count in counts]
        rows = {row[0]: row[1:] for row in commits.rows_of([ours, theirs])}
        self.assertEqual("20.00 (10.00–30.00)", rows[commits.SEATA][1])
        self.assertEqual("200 (100–300)", rows[commits.HANDFAST][0])
        self.assertEqual("1.50 (1.50–1.50) + 0.50 (0.50–0.50)", rows[commits.SEATA][3])

    def test_seata_is_left_out_with_a_line_or_refused_when_it_is_named(self):
        with tempfile.TemporaryDirectory() as name, mock.patch.object(common, "PEERS", pathlib.Path(name)), \
                contextlib.redirect_stdout(io.StringIO()) as said:
            with mock.patch.dict(os.environ):
                os.environ.pop("SEATA", None)
                self.assertIsNone(commits.seata_jars())
            self.assertIn("left out", said.getvalue())
            with mock.patch.dict(os.environ, {"SEATA": name}), self.assertRaises(common.Failure):
                commits.seata_jars()

    def test_seata_forces_each_write(self):
        settings = commits.seata_settings(1, 2, pathlib.Path("/d"))
        self.assertEqual("sync", settings["seata.store.file.flush-disk-mode"])


class PgTest(unittest.TestCase):

    SAID = "number of transactions actually processed: 4711\nnumber of failed transactions: %d (0.000%%)\n"

    def test_pgbench_says_transactions(self):
        self.assertEqual({"requests": 4711, "seconds": 2.0}, passing.pgbench_seen(self.SAID % 0, 2))

    def test_pgbench_saw_errors(self):
        for text in (self.SAID % 3, "", "number of transactions actually processed: 0\n"):
            with self.assertRaises(common.Failure):
                passing.pgbench_seen(text, 2)

    def test_a_sidecar_is_the_services_database(self):
        member = town.Member("a")
        config = town.with_database(mesh.config(member, pathlib.Path("/tmp"), [], "PLAINTEXT", {}), member, 5432)
        listener = config["static_resources"]["listeners"][-1]
        self.assertEqual(member.database, listener["address"]["socket_address"]["port_value"])
        self.assertEqual(["handfast.postgres_transaction", "envoy.filters.network.tcp_proxy"],
                         [one["name"] for one in listener["filter_chains"][0]["filters"]])
        databases = config["bootstrap_extensions"][0]["typed_config"]["databases"]
        self.assertEqual([("ledger", "a")], [(one["name"], one["database"]) for one in databases])

    def test_a_commit_that_was_let_through_is_no_vote(self):
        line = 'handfast_database_completion_seconds_count{database="ledger",outcome="%s",result="done"} %d\n'
        self.assertEqual(7, town.completions(line % ("commit", 7) + line % ("rollback", 2)))
        pg_commits.check_prepared(7, {"a": 7.0, "b": 8.0})
        with self.assertRaises(common.Failure):
            pg_commits.check_prepared(7, {"a": 7.0, "b": 6.0})

    def test_ratios_are_of_the_same_round(self):
        def seen(requests):
            return {"requests": requests, "seconds": 2.0, "p50_us": 1000, "p99_us": 2000, "cpu_ms": [1, 2, 3]}
        rounds = [{name: seen(100 if name == pg_commits.WAITING else nth * 100) for name in pg_commits.PATHS}
                  for nth in (1, 2, 4)]
        rows = pg_commits.rows_of(rounds, pg_commits.PATHS)
        self.assertEqual([pg_commits.WAITING, "50 (50–50)", "", "1.0 (1.0–1.0) / 2.0 (2.0–2.0)"], rows[0][:4])
        self.assertEqual("0.50 (0.25–1.00)", rows[2][2])
        read = pg_commits.read_rows([{path: seen(100 * nth) for nth, path in enumerate(pg_commits.READS, 1)}])
        self.assertEqual(["", "0.50 (0.50–0.50)", "0.33 (0.33–0.33)"], [row[2] for row in read])


if __name__ == "__main__":
    unittest.main()
