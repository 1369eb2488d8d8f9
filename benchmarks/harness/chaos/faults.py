"""What is done to the sidecars and to etcd, drawn from a seed."""
import collections
import dataclasses
import random
import shutil
import signal
import time

from harness.chaos import bank as banks
from harness.chaos import clients, disk, network
from harness.chaos import etcd as etcds

# How often each is drawn, among those that can be done here.
WEIGHTS = {
    "kill": 30, "kill at a point": 36, "kill two": 6, "kill all": 3, "kill while it starts": 8,
    "pause": 6, "pause, then kill": 3,
    "cut a link": 4, "cut one way": 3, "cut off": 3, "lose answers": 4,
    "fail fsync": 4, "fill the disk": 2, "leave little space": 2, "lose the disk": 2,
    "delete a pod": 6, "stop an etcd": 3, "stop etcd's leader": 3, "pause etcd's leader": 3, "stop two etcds": 3,
    "cut off from etcd": 3,
}
CUT_OFF = "cut off from etcd"
NETWORK = ("cut a link", "cut one way", "cut off", "lose answers", CUT_OFF)
DISK = ("fill the disk", "leave little space")
SYNC = ("fail fsync",)
ETCD = ("delete a pod", "stop an etcd", "stop etcd's leader", "pause etcd's leader", "stop two etcds", CUT_OFF)
JOURNAL = (*DISK, *SYNC, "lose the disk")
KILLS, POINTS = "SIGKILLs", "deaths at a point"
# Where a pod is deleted, or its disk lost, so that somebody has to end what it began.
LOST_AT = {"transfers": "ForcePoints#afterDecision:entry", "bank-b": "BranchStore#confirm:entry"}
TAKEOVER_SECONDS = 60
DEADLINE_SECONDS = 3  # of a transaction of the bank
LEADER_SECONDS = 10
REACH_SECONDS = 4  # of waiting for a point; that none is reached is no breach
BITE_SECONDS = 30  # of waiting for what must show sooner or later
RECOVER_SECONDS = 30
LITTLE_BYTES = 600  # two records
# Points that none of the bank reaches: they are of modes and protocols that it does not use, and of operators.
UNREACHED = tuple(
    f"#{when}{what}:entry"
    for when in ("before", "after")
    for what in (
        "BranchRecord", "PreCommit", "PreCommitted", "Withdrawal", "OwnDecision", "Resolution", "Settlement", "GivenUp"))
# And those that only who coordinates reaches.
OF_COORDINATOR = (
    "#beforeDecision:entry", "#afterDecision:entry", "#afterForgotten:entry", "CoordinatorSender#outcome:entry")
REFUSED, STOPPED = "handfast_journal_refused_total", "handfast_journal_stopped"
COORDINATOR = "transfers"
SMALL_DISKS = (COORDINATOR, "bank-b")


@dataclasses.dataclass(frozen=True)
class Fault:
    """One of WEIGHTS, with its victims in order, and what else was drawn for it."""

    kind: str
    victims: tuple
    point: str
    passes: int
    seconds: float
    down: float


class Plan:
    """An endless sequence of faults: the same for the same seed."""

    def __init__(self, seed, names, points, left_out=(), asked=()):
        self.dice = random.Random(seed)
        self.names, self.points = names, points
        self.kinds = [kind for kind in asked or WEIGHTS if kind not in left_out]
        self.first = list(asked and self.kinds)  # what is asked for comes once at least

    def draw(self):
        dice = self.dice
        kind = self.first.pop(0) if self.first else dice.choices(self.kinds, [WEIGHTS[it] for it in self.kinds])[0]
        victims = dice.sample(self.names, len(self.names))
        if kind in DISK:
            victims.sort(key=lambda name: name not in SMALL_DISKS)
        if kind in ("kill at a point", "fail fsync"):
            victims.sort(key=lambda name: name == "audit" or name.endswith(banks.REPLICA))  # these write nothing
        if kind == "delete a pod":
            victims.sort(key=lambda name: name not in LOST_AT)
        titles = {name.removesuffix(banks.REPLICA) for name in victims[:2]}
        if kind in ("cut a link", "cut one way") and titles <= set(banks.BANKS):  # these never talk to each other
            victims[1:] = sorted(victims[1:], key=lambda name: name != COORDINATOR)
        point = dice.choice(self.points)
        if kind == "lose the disk" or kind == "kill at a point" and point.endswith(OF_COORDINATOR):
            victims.sort(key=lambda name: name != COORDINATOR)
        return Fault(kind, tuple(victims), point, dice.choice((0, 0, 0, 1, 2, 5)),
                     dice.choice((0.2, 0.5, 1, 2, 4)), dice.choice((0, 0, 0.1, 0.3, 1)))


class Faults:
    """Does them, one after the other, and counts; after each everything is healed."""

    def __init__(self, bank, disks, receipts):
        self.bank, self.disks, self.receipts = bank, disks, receipts
        self.counts = collections.Counter()  # of deaths
        self.done = collections.Counter()  # of faults, by kind
        self.bitten = collections.Counter()  # of these, where it could be seen
        self.at = collections.Counter()
        self.failed_writes = 0  # for want of space

    def kills(self):
        return self.counts[KILLS] + self.counts[POINTS]

    def kill(self, *names):
        """Whether any of them was there to be killed."""
        killed = sum(self.bank[name].kill() for name in names)
        self.counts[KILLS] += killed
        return killed > 0

    def partitions(self):
        return sum(self.bitten[kind] for kind in NETWORK)

    def do(self, fault):
        """Whether it did what it is to do."""
        first = self.bank[fault.victims[0]]
        kind = fault.kind
        if kind == "kill":
            bites = self.kill(first.name)
        elif kind == "kill two":
            bites = self.kill(*fault.victims[:2])
        elif kind == "kill all":
            bites = self.kill(*fault.victims)
        elif kind == "kill at a point":
            bites = self._at_a_point(first, fault)
        elif kind == "kill while it starts":
            bites = self._while_it_starts(first, fault)
        elif kind.startswith("pause, ") or kind == "pause":
            bites = self._pause(first, fault)
        elif kind in NETWORK:
            bites = self._partition(first, fault)
        elif kind == "fail fsync":
            bites = self._fail_sync(first, fault)
        elif kind == "lose the disk":
            bites = self._lose_the_disk(first, fault)
        elif kind == "delete a pod":
            bites = self._delete(first, fault)
        elif kind in ETCD:
            bites = self._stop_etcd(fault)
        else:
            bites = self._fill(first, fault)
        self.done[kind] += 1
        self.bitten[kind] += bool(bites)
        time.sleep(fault.down)
        self.bank.heal()
        return bites

    def _at_a_point(self, sidecar, fault):
        sidecar.arm(fault.point, fault.passes)
        if await_until(sidecar.died, REACH_SECONDS):
            self._reached(fault.point)
            if fault.seconds >= 2:  # and once more, while it recovers
                sidecar.revive()
                sidecar.arm(fault.point, 0)
                if await_until(sidecar.died, REACH_SECONDS):
                    self._reached(fault.point)
            return True
        return False

    def _reached(self, point):
        self.counts[POINTS] += 1
        self.at[point] += 1

    def _while_it_starts(self, sidecar, fault):
        self.kill(sidecar.name)
        sidecar.start()
        time.sleep(fault.seconds / 2)
        return self.kill(sidecar.name)

    def _pause(self, sidecar, fault):
        sidecar.signal(signal.SIGSTOP)
        time.sleep(fault.seconds)
        if fault.kind == "pause":
            sidecar.signal(signal.SIGCONT)
        else:
            self.kill(sidecar.name)
        return True

    def _partition(self, sidecar, fault):
        others = [self.bank[name] for name in fault.victims[1:]]
        network.apply({
            "cut a link": lambda: network.cut(sidecar, others[0]),
            "cut one way": lambda: [network.to(sidecar, others[0])],
            "cut off": lambda: network.isolate(sidecar, others),
            "lose answers": lambda: [network.answers(sidecar)],
            CUT_OFF: lambda: [network.to_ports(sidecar, self.bank.etcd.ports())],
        }[fault.kind]())
        # In half of the cases its lease has ended when it comes back.
        time.sleep(max(fault.seconds, 2 * etcds.LEASE_SECONDS * (fault.kind == CUT_OFF and fault.seconds >= 1)))
        if fault.passes:  # what stood behind the cut may be gone when it is over
            self.kill(sidecar.name)
        return network.heal() > 0

    def _fail_sync(self, sidecar, fault):
        sidecar.failing.touch()
        # A sidecar whose journal has failed says so, and stays so until it is started again.
        failed = await_until(lambda: not sidecar.ready(), BITE_SECONDS)
        self.kill(sidecar.name)
        if fault.passes:  # it fails at the next start, too
            sidecar.start()
            time.sleep(fault.seconds)
            self.kill_if_it_lives(sidecar)
        sidecar.failing.unlink()
        return failed

    def kill_if_it_lives(self, sidecar):
        """A sidecar that cannot open its journal ends by itself, or waits: both are right."""
        if not self.counted_kill(sidecar):
            sidecar.killed = True

    def counted_kill(self, sidecar):
        killed = sidecar.kill()
        self.counts[KILLS] += killed
        return killed

    def _fill(self, sidecar, fault):
        place = self.disks[sidecar.name]
        full = fault.kind == "fill the disk"
        before, heard = sidecar.metric(REFUSED) or 0, len(self.receipts)
        if full:
            self._take_all_space(sidecar, place)
        else:
            disk.fill(place, disk.TIGHT_MIB * disk.MIB)
        bites = await_until(lambda: (sidecar.metric(REFUSED) or 0) > before and not sidecar.ready(), BITE_SECONDS)
        if sidecar.name == COORDINATOR:  # what it refuses a client hears as it is
            bites = bites and await_until(lambda: self._heard_to_come_again(heard), BITE_SECONDS)
        self.failed_writes += self._check_stopped(sidecar, full)
        time.sleep(fault.seconds)
        if fault.passes:
            self.kill(sidecar.name)
            sidecar.start()
            time.sleep(fault.seconds)
            self.kill_if_it_lives(sidecar)
        stopped = self._check_stopped(sidecar, full)
        disk.empty(place)
        if stopped:
            self._stays_stopped(sidecar)
        elif sidecar.alive() and not await_until(sidecar.ready, RECOVER_SECONDS):
            # A write may have failed since it was looked at.
            if not self._check_stopped(sidecar, full):
                raise banks.Breach("the sidecar of %s does not recover from a disk with little space" % sidecar.name)
            self._stays_stopped(sidecar)
        return bites

    def _heard_to_come_again(self, since):
        return any(receipt.detail.startswith("503" + clients.AGAIN) for receipt in self.receipts[since:])

    @staticmethod
    def _take_all_space(sidecar, place):
        """With what its journal has allocated ahead, so that it needs a page before it looks at the free space again."""
        await_until(lambda: disk.room_in_page(sidecar.journal) < LITTLE_BYTES, REACH_SECONDS)
        sidecar.signal(signal.SIGSTOP)
        try:
            if await_until(sidecar.stands_still, BITE_SECONDS):
                disk.take_back(sidecar.journal)
            disk.fill(place, 0)
        finally:
            sidecar.signal(signal.SIGCONT)

    @staticmethod
    def _check_stopped(sidecar, full):
        """Whether its journal has stopped, which it must not while there is space."""
        stopped = sidecar.metric(STOPPED) == 1
        if stopped and not full:
            raise banks.Breach("the journal of %s has stopped, though its disk had space" % sidecar.name)
        return stopped

    def _stays_stopped(self, sidecar):
        """A write has failed: nobody knows what the disk holds, whatever room there is now, until it is read again."""
        if sidecar.ready():
            raise banks.Breach("the sidecar of %s is ready, and its journal has failed to write" % sidecar.name)
        self.kill(sidecar.name)

    def _die_with_work_left(self, sidecar, fault):
        """Dies where a record of its own is left for somebody to end; whether it got there."""
        point = next(each for each in self.bank.jvm.points if each.endswith(LOST_AT[sidecar.name]))
        sidecar.arm(point, fault.passes)
        if await_until(sidecar.died, REACH_SECONDS):
            self._reached(point)
            return True
        self.kill(sidecar.name)
        return False

    def _lose_the_disk(self, sidecar, fault):
        """Its journal is gone with it: who is in doubt stays so, and is seen to be, until the disk returns."""
        reached = self._die_with_work_left(sidecar, fault)
        aside = sidecar.hook / "lost-disk"
        aside.mkdir()
        for file in list(sidecar.journal.iterdir()):
            shutil.move(file, aside)
        in_doubt = reached and await_until(lambda: self._in_doubt() > 0, REACH_SECONDS)
        if in_doubt:
            time.sleep(0.5)  # what was on its way when it died has arrived
            before = self._in_doubt()
            time.sleep(DEADLINE_SECONDS + fault.seconds)  # past the deadline nobody decides by himself, either
            if self._in_doubt() < before:
                raise banks.Breach("%d were in doubt, then %d, while their coordinator's disk was gone" % (
                    before, self._in_doubt()))
        for file in list(aside.iterdir()):
            shutil.move(file, sidecar.journal)
        aside.rmdir()
        return in_doubt

    def _in_doubt(self):
        return sum(load[1] for load in (self.bank[name].load() for name in banks.BANKS) if load)

    def _delete(self, sidecar, fault):
        """The pod and its disk are gone for good: its service's other sidecar ends what it has begun."""
        self._die_with_work_left(sidecar, fault)
        shutil.rmtree(sidecar.journal, ignore_errors=True)
        left = self._held(sidecar)
        if not await_until(lambda: self._held(sidecar) == [], TAKEOVER_SECONDS):
            raise banks.Breach("nobody has ended within %d s what the deleted pod of %s had begun: %s" % (
                TAKEOVER_SECONDS, sidecar.name, self._held(sidecar)))
        return left

    def _held(self, sidecar):
        """The keys of its branches that have not ended, or None where etcd does not say."""
        keys = self.bank.etcd.unended(sidecar.title + "/")
        return keys and [key for key in keys if key.endswith(":%d" % sidecar.control)]

    def _stop_etcd(self, fault):
        """Stops one of three, the leader, or two; whether the others saw it."""
        etcd = self.bank.etcd
        leader = etcd.leader()
        followers = [each for each in etcd.members if each is not leader]
        if leader is None or fault.kind == "stop an etcd":
            followers[fault.passes % 2].kill()
            time.sleep(fault.seconds)
            return True
        if fault.kind == "stop two etcds":
            for each in followers:
                each.kill()
            seen = await_until(lambda: not all(each.ready() for each in self.bank), LEADER_SECONDS)
            time.sleep(fault.seconds)
            return seen
        leader.signal(signal.SIGSTOP) if fault.kind.startswith("pause") else leader.kill()
        elected = await_until(lambda: etcd.leader(followers) is not None, LEADER_SECONDS)
        time.sleep(fault.seconds)
        return elected


def await_until(condition, seconds):
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
