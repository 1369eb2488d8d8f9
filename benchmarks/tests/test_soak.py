"""What the soak computes and reads, without a process: python3 -m unittest discover -s benchmarks/tests -t benchmarks"""
import json
import pathlib
import tempfile
import unittest

from harness.soak import config, run, verdict


class VerdictTest(unittest.TestCase):

    @staticmethod
    def failure(upstream="restarted", begun=100, ended=200, wrong=False):
        return {"kind": "h1", "upstream": upstream, "wrong": wrong, "begun_ms": begun, "ended_ms": ended, "what": "503"}

    def test_who_was_there_when_the_upstream_was_down_is_excused(self):
        for windows, excused in (([(0, 99)], False), ([(0, 100)], True), ([(150, 160)], True), ([(0, 5), (200, 300)], True),
                                 ([(201, 300)], False), ([], False)):
            self.assertEqual(excused, verdict.excused(self.failure(), windows))

    def test_who_waits_on_when_the_upstream_is_back_is_not(self):
        windows = [(0, 150), (12_000, 13_000), (24_000, 25_000)]
        self.assertTrue(verdict.excused(self.failure(ended=150 + verdict.HEARD_MS), windows))
        self.assertFalse(verdict.excused(self.failure(ended=151 + verdict.HEARD_MS), windows))
        self.assertFalse(verdict.excused(self.failure(ended=30_100), windows))

    def test_what_was_pushed_is_to_be_applied(self):
        stats = {"cluster_manager.cds.update_success": 5, "http.soak.rds.routes.update_success": 4}
        self.assertEqual([], verdict.unapplied(stats, 8))
        self.assertEqual(["rds.routes: 4 of 10 pushes were applied (expected: half of them, or more)"],
                         verdict.unapplied(stats, 10))
        self.assertEqual(2, len(verdict.unapplied({}, 1)))

    def test_certificates_are_to_be_seen(self):
        for seen, rotations, breaches in ((1, 1, 0), (0, 1, 1), (1, 2, 1), (2, 3, 0), (2, 9, 1), (4, 9, 0)):
            self.assertEqual(breaches, len(verdict.unseen(seen, rotations)))

    def test_gauges_are_to_be_seen_at_work(self):
        busy = {"listener.a.downstream_cx_active": 1, "cluster.a.upstream_cx_active": 1}
        self.assertEqual([], verdict.asleep(busy))
        self.assertEqual(1, len(verdict.asleep({**busy, "cluster.a.upstream_cx_active": 0})))
        self.assertEqual(2, len(verdict.asleep({"http.admin.downstream_cx_active": 1})))

    def test_another_upstream_and_a_wrong_answer_have_no_excuse(self):
        self.assertFalse(verdict.excused(self.failure(upstream="steady"), [(0, 300)]))
        self.assertFalse(verdict.excused(self.failure(wrong=True), [(0, 300)]))

    def test_each_exchange_is_accounted_for(self):
        said = {"counts": {"h1": {"right": 7, "reset": 1, "failed": 2, "wrong": 0},
                           "TCP": {"right": 0, "reset": 0, "failed": 1, "wrong": 0}}}
        rows, lost = verdict.sorted_out(said, [self.failure(), self.failure(begun=500, ended=600)], [(0, 300)])
        self.assertEqual([("h1", 7, 1, 1, 1), ("TCP", 0, 0, 0, 0)], rows)
        self.assertEqual(["h1, restarted, at 00:00:00.600Z after 100 ms: 503", "TCP: 1 exchanges failed, and 0 were told",
                          "TCP: none was answered"], lost)

    def test_the_log_tells_leaks_and_exceptions_that_nobody_took(self):
        lines = ["INFO ready", "ERROR LEAK: ByteBuf.release() was not called", "WARN it reached at the tail of the pipeline."] * 2
        leaks, told = verdict.from_log(lines)
        self.assertEqual((2, 3), (len(leaks), len(told)))
        self.assertEqual(([], []), verdict.from_log(["INFO ready"]))

    def test_slope_is_of_the_second_half(self):
        rising = [(second, 100 if second < 50 else 100 + (second - 50) / 60) for second in range(101)]
        self.assertAlmostEqual(1.0, verdict.slope(rising))
        self.assertEqual(0, verdict.slope([(0, 100), (1, 200)]))
        self.assertEqual(0, verdict.slope([]))

    def test_memory_that_grows_is_a_breach(self):
        flat, rising = [(second, 100) for second in range(100)], [(second, second) for second in range(100)]
        self.assertEqual([], verdict.memory_breaches(flat, 10, (20.0, 21.0), (12, 18), (100, 101)))
        self.assertEqual([], verdict.memory_breaches(rising, 0.5, (20.0, 21.0), (12, 12), (100, 101)))  # too short to judge
        self.assertEqual(4, len(verdict.memory_breaches(rising, 10, (20.0, 30.0), (12, 19), (100, 200))))

    def test_what_is_open_or_under_way(self):
        stats = run.read_stats("listener.127.0.0.1_1.downstream_cx_active: 1\nhttp.soak.downstream_rq_active: 0\n"
                               "cluster.a.upstream_cx_active: 2\nhttp.admin.downstream_cx_active: 1\n"
                               "cluster.a.upstream_cx_rx_bytes_buffered: 5\nlistener_manager.total_listeners_active: 3\n"
                               "cluster.a.upstream_rq_total: 9\nother: text\nhistogram: P0(nan,1)\n")
        self.assertEqual({"listener.127.0.0.1_1.downstream_cx_active": 1, "cluster.a.upstream_cx_rx_bytes_buffered": 5},
                         verdict.active(stats, but="upstream_cx_active"))
        self.assertIn("cluster.a.upstream_cx_active", verdict.active(stats))


class ConfigTest(unittest.TestCase):

    UPSTREAMS = {name: {"http": 1, "grpc": 2, "tcp": 3} for name in (config.STEADY, config.RESTARTED)}

    def test_what_is_used_is_in_every_revision_and_changes(self):
        seen = set()
        for revision in range(1, 12):
            clusters = {one["name"]: one for one in config.clusters(self.UPSTREAMS, revision)["resources"]}
            seen.add(clusters["steady-grpc"]["connect_timeout"])
            routes = config.routes(revision)["resources"][0]["virtual_hosts"][0]["routes"]
            self.assertLessEqual({one["route"]["cluster"] for one in routes}, set(clusters))
            self.assertEqual(len(clusters), len(config.clusters(self.UPSTREAMS, revision)["resources"]))
        self.assertEqual(4, len(seen))

    def test_a_file_is_replaced_as_a_whole(self):
        with tempfile.TemporaryDirectory() as name:
            file = pathlib.Path(name) / "routes.json"
            config.put(file, config.routes(1))
            config.put(file, config.routes(2))
            self.assertEqual("2", json.loads(file.read_text())["version_info"])
            self.assertEqual([file], list(pathlib.Path(name).iterdir()))

    def test_every_listener_has_a_port_and_only_one_has_certificates(self):
        made = config.bootstrap(pathlib.Path("/d"), {name: nth for nth, name in enumerate(run.PORTS)}, self.UPSTREAMS)
        listeners = {one["name"]: one for one in made["static_resources"]["listeners"]}
        self.assertEqual(["tls"], [name for name, one in listeners.items() if "transport_socket" in one["filter_chains"][0]])


if __name__ == "__main__":
    unittest.main()
