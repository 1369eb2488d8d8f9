"""What benchmarks/chaos draws and checks: a check that cannot fail proves nothing."""
import itertools
import pathlib
import random
import tempfile
import unittest

from harness.chaos import bank, books, clients, disk, etcd, faults, network

OPENING = {"bank-a/alice": 100, "bank-b/bob": 100}


def receipt(told, name="t"):
    return clients.Receipt(name, "bank-a/alice", "bank-b/bob", 30, told, "200")


def state(transfer, debit, credit, alice, bob, reserved=0, audited=200):
    return books.Books({"t": transfer}, {"t-debit": debit, "t-credit": credit},
                       {"bank-a/alice": alice, "bank-b/bob": bob}, {"bank-a/alice": reserved}, audited)


HAPPENED = state("CONFIRMED", "CONFIRMED", "CONFIRMED", 70, 130)
NOTHING = state("CANCELLED", "CANCELLED", "CANCELLED", 100, 100)


class BooksTest(unittest.TestCase):

    def test_is_content_with_all_or_nothing_as_the_client_was_told(self):
        for told, found in (("committed", HAPPENED), ("unknown", HAPPENED), ("nothing", HAPPENED),
                            ("aborted", NOTHING), ("unknown", NOTHING), ("nothing", NOTHING)):
            self.assertEqual([], books.compare(OPENING, found, [receipt(told)]))
        self.assertEqual([], books.compare(OPENING, books.Books({}, {}, OPENING, {}, 200), [receipt("aborted")]))

    def test_sees_that_a_client_was_told_what_is_not_so(self):
        for told, found in (("committed", NOTHING), ("aborted", HAPPENED)):
            wrong = books.compare(OPENING, found, [receipt(told)])
            self.assertEqual(1, len(wrong), wrong)
            self.assertIn("its client was told " + told, wrong[0])

    def test_sees_half_a_transfer(self):
        half = state("CONFIRMED", "CONFIRMED", "CANCELLED", 70, 100)
        wrong = "\n".join(books.compare(OPENING, half, [receipt("nothing")]))
        self.assertIn("the credit CANCELLED", wrong)
        self.assertIn("the banks hold 170 cents (expected: 200)", wrong)

    def test_sees_what_is_left_open_and_money_that_moved_by_itself(self):
        wrong = "\n".join(books.compare(OPENING, state("PENDING", "RESERVED", "CANCELLED", 99, 101, 30), []))
        for sentence in ("transfer t is still PENDING", "t-debit is still RESERVED", "30 cents reserved",
                         "bank-a/alice has 99 cents (expected: 100)"):
            self.assertIn(sentence, wrong)

    def test_sees_that_audit_counts_otherwise(self):
        self.assertEqual(["audit counts 199 cents (expected: 200)"],
                         books.compare(OPENING, state("CONFIRMED", "CONFIRMED", "CONFIRMED", 70, 130, audited=199),
                                       [receipt("committed")]))


def record(kind, branch="", **facts):
    return {"type": kind, "txId": "1", "branchId": branch, "facts": facts}


BEGUN = [record("begun", "a"), record("begun", "b")]
DECISION = record("decision", commit="a@h:1, b@h:2", own="a")


class JournalsTest(unittest.TestCase):

    def test_is_content_with_journals_that_agree(self):
        committed = {"one": [DECISION, record("branch-ended", "a", outcome="branch-committed")],
                     "other": [*BEGUN, record("branch-ended", "b", outcome="branch-committed")]}
        self.assertEqual([], books.contradictions(committed))
        aborted = {"one": BEGUN + [record("branch-ended", each, outcome="branch-aborted") for each in "ab"]}
        self.assertEqual([], books.contradictions(aborted))
        committed["other"] += [record("begun", "c"), record("branch-ended", "c", outcome="branch-read-only")]
        self.assertEqual([], books.contradictions(committed))

    def test_sees_what_cannot_be_true_together(self):
        ended_a = record("branch-ended", "a", outcome="branch-committed")
        undone_b = record("branch-ended", "b", outcome="branch-aborted")
        for records, sentence in (
                ([DECISION, ended_a, undone_b], "branch b of 1 is ['branch-aborted'], its decision commits"),
                ([ended_a, undone_b], "the branches of 1 disagree"),
                ([ended_a, record("branch-ended", "a", outcome="branch-aborted")], "the branches of 1 disagree"),
                ([record("decision", commit="b@h:2"), ended_a], "branch a of 1 is ['branch-committed']"),
                ([record("branch-ended", "a", outcome="heuristic-hazard")], "branch a of 1 is a hazard"),
                ([record("ended", hazard="true")], "ended with a hazard"),
                (BEGUN + [undone_b], "branch a of 1 was begun at here and has no end"),
                ([record("unreadable", error="x")], "a record cannot be read")):
            self.assertIn(sentence, "\n".join(books.contradictions({"here": records})))


class PlanTest(unittest.TestCase):

    @staticmethod
    def first(seed, left_out=(), count=300):
        plan = faults.Plan(seed, ["audit", "bank-a", "bank-b", "transfers"], ["p", "q"], left_out)
        return [plan.draw() for _ in range(count)]

    def test_a_seed_says_what_happens(self):
        self.assertEqual(self.first(1), self.first(1))
        self.assertNotEqual(self.first(1), self.first(2))

    def test_every_kind_is_drawn_but_what_is_left_out(self):
        self.assertEqual(set(faults.WEIGHTS), {fault.kind for fault in self.first(1)})
        kinds = {fault.kind for fault in self.first(1, faults.NETWORK + faults.DISK)}
        self.assertEqual(set(faults.WEIGHTS) - set(faults.NETWORK) - set(faults.DISK), kinds)

    def test_what_is_asked_for_comes_first_and_nothing_else(self):
        plan = faults.Plan(1, ["audit", "bank-a", "bank-b", "transfers"], ["p"], asked=["pause", "kill"])
        self.assertEqual(["pause", "kill"], [plan.draw().kind for _ in range(2)])
        self.assertEqual({"pause", "kill"}, {plan.draw().kind for _ in range(50)})

    def test_who_is_lost_for_good_leaves_something_to_end(self):
        for fault in self.first(4, count=1000):
            if fault.kind == "delete a pod":
                self.assertIn(fault.victims[0], faults.LOST_AT)
            elif fault.kind == "lose the disk":
                self.assertEqual("transfers", fault.victims[0])

    def test_each_store_has_faults_of_its_own(self):
        self.assertFalse(set(faults.ETCD) & set(faults.JOURNAL))
        self.assertEqual(set(), (set(faults.ETCD) | set(faults.JOURNAL)) - set(faults.WEIGHTS))

    def test_disks_are_filled_that_are_small(self):
        for fault in self.first(3):
            if fault.kind in faults.DISK:
                self.assertIn(fault.victims[0], faults.SMALL_DISKS)

    def test_a_link_that_is_cut_is_one_that_is_used(self):
        for fault in self.first(6, count=2000):
            if fault.kind in ("cut a link", "cut one way"):
                self.assertNotEqual({"bank-a", "bank-b"}, set(fault.victims[:2]))

    def test_points_are_waited_for_where_they_are_reached(self):
        points = ["ForcePoints#beforeDecision:entry", "ForcePoints#beforeBegun:entry"]
        plan = faults.Plan(5, ["audit", "bank-a", "bank-b", "transfers"], points, asked=["kill at a point"])
        drawn = [plan.draw() for _ in range(100)]
        self.assertEqual({"transfers"}, {each.victims[0] for each in drawn if each.point == points[0]})
        self.assertEqual({"transfers", "bank-a", "bank-b"}, {each.victims[0] for each in drawn if each.point == points[1]})

    def test_transfers_are_the_same_for_the_same_seed_and_stay_between_the_banks(self):

        orders = [[clients.draw(random.Random(7), "x") for _ in range(3)] for _ in range(2)]
        self.assertEqual(*orders)
        for order in itertools.chain(*orders):
            self.assertNotEqual(order["from"].split("/")[0], order["to"].split("/")[0])


class DiskTest(unittest.TestCase):

    def test_finds_where_a_journal_ends_before_its_zeros(self):
        with tempfile.TemporaryDirectory() as place:
            journal = pathlib.Path(place)
            (journal / "0000000000000001.seg").write_bytes(b"old")
            for size, zeros, room in ((5000, 1 << 20, 3192), (4096, 100, 0), (3 << 20, 1 << 20, 0), (10, 0, 4086)):
                (journal / "0000000000000002.seg").write_bytes(b"x" * size + bytes(zeros))
                self.assertEqual(size, disk.end_of(disk.newest_of(journal)))
                self.assertEqual(room, disk.room_in_page(journal))

    def test_reads_a_metric(self):
        text = "# TYPE a counter\na_total 3\na 1\nb{c=\"d\"} 2\n"
        self.assertEqual(1, bank.value_of("a", text))
        self.assertIsNone(bank.value_of("b", text))


class NetworkTest(unittest.TestCase):

    def test_rules_name_who_sends_and_to_which_ports(self):
        class One:
            group, inbound, control = 61001, 18000, 18014
        class Other:
            group, inbound, control = 61002, 18100, 18114
        self.assertEqual(["meta skgid 61001 tcp dport { 18100, 18114 } counter drop",
                          "meta skgid 61002 tcp dport { 18000, 18014 } counter drop"], network.cut(One, Other))
        self.assertEqual(["meta skgid 61001 tcp sport { 18000, 18014 } counter drop", *network.cut(One, Other)],
                         network.isolate(One, [Other]))


    def test_counts_what_was_kept_back(self):
        def rule(packets):
            return {"rule": {"expr": [{"match": {}}, {"counter": {"packets": packets, "bytes": 60}}, {"drop": None}]}}
        self.assertEqual(7, network.dropped({"nftables": [{"chain": {"name": "cut"}}, rule(3), rule(4)]}))
        self.assertEqual(0, network.dropped({}))


CONFIG = """admin: { address: { socket_address: { address: 127.0.0.1, port_value: 18090 } } }
    store:
      journal: { directory: state/transfers }
    control: { address: 127.0.0.1, port: 18014, authority: "127.0.0.1:18014" }
static_resources:
  listeners:
  - address: { socket_address: { port_value: 18000 } }
                      callback:
                        confirm: {}
  clusters:
  - name: service
    address: { port_value: 18080 }
"""


class EtcdTest(unittest.TestCase):

    def test_puts_the_store_elsewhere_and_lets_replicas_end_what_others_began(self):
        text = etcd.rewrite(CONFIG, ["http://127.0.0.1:1", "http://127.0.0.1:2"])
        self.assertIn('etcd: { endpoints: ["http://127.0.0.1:1", "http://127.0.0.1:2"], prefix: /handfast, lease: 2s }', text)
        self.assertIn("callback:\n                        replicas: EQUIVALENT\n                        confirm", text)
        self.assertNotIn("journal", text)

    def test_a_branch_that_has_ended_is_not_open(self):
        self.assertTrue(etcd.ended(b"\x22\x02\x08\x01"))
        for other in (b"", b"\x0a\x00", b"\x12\x00", b"\x3a\x00"):
            self.assertFalse(etcd.ended(other))

    def test_a_replica_has_ports_of_its_own_and_the_same_service(self):
        free = itertools.count(40001)
        text, moved = etcd.replica(CONFIG, lambda: next(free))
        self.assertEqual({18090: 40001, 18014: 40002, 18000: 40003}, moved)
        self.assertIn('port: 40002, authority: "127.0.0.1:40002"', text)
        self.assertIn("port_value: 18080", text)
        self.assertNotIn("1800", text.replace("18080", ""))


if __name__ == "__main__":
    unittest.main()
