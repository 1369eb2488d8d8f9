"""What is done to the sidecars, drawn from a seed."""
import collections
import dataclasses
import random
import signal
import time

from harness.chaos import bank as banks
from harness.chaos import disk, network

# How often each is drawn, among those that can be done here.
WEIGHTS = {
    "kill": 30, "kill at a point": 36, "kill two": 6, "kill all": 3, "kill while it starts": 8,
    "pause": 6, "pause, then kill": 3,
    "cut a link": 4, "cut one way": 3, "cut off": 3, "lose answers": 4,
    "fail fsync": 4, "fill the disk": 2, "leave little space": 2,
}
NETWORK = ("cut a link", "cut one way", "cut off", "lose answers")
DISK = ("fill the disk", "leave little space")
SYNC = ("fail fsync",)
KILLS, POINTS, PAUSES, PARTITIONS, SYNCS, DISKS = (
    "SIGKILLs", "deaths at a point", "SIGSTOPs", "partitions", "failed fsyncs", "full disks")
UNREACHED = "points not reached"
REACH_SECONDS = 4  # of waiting for a point; that none is reached is no breach
RECOVER_SECONDS = 30
SMALL_DISKS = ("transfers", "bank-b")


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

    def __init__(self, seed, names, points, left_out=()):
        self.dice = random.Random(seed)
        self.names, self.points = names, points
        self.kinds = [kind for kind in WEIGHTS if kind not in left_out]

    def draw(self):
        dice = self.dice
        kind = dice.choices(self.kinds, [WEIGHTS[each] for each in self.kinds])[0]
        victims = dice.sample(self.names, len(self.names))
        if kind in DISK:
            victims.sort(key=lambda name: name not in SMALL_DISKS)
        if kind in ("kill at a point", "fail fsync"):
            victims.sort(key=lambda name: name == "audit")  # it writes nothing
        return Fault(kind, tuple(victims), dice.choice(self.points), dice.choice((0, 0, 0, 1, 2, 5)),
                     dice.choice((0.2, 0.5, 1, 2, 4)), dice.choice((0, 0, 0.1, 0.3, 1)))


class Faults:
    """Does them, one after the other, and counts; after each everything is healed."""

    def __init__(self, bank, disks):
        self.bank, self.disks = bank, disks
        self.counts = collections.Counter()
        self.at = collections.Counter()

    def kills(self):
        return self.counts[KILLS] + self.counts[POINTS]

    def kill(self, *names):
        for name in names:
            self.counts[KILLS] += self.bank[name].kill()

    def do(self, fault):
        first = self.bank[fault.victims[0]]
        kind = fault.kind
        if kind == "kill":
            self.kill(first.name)
        elif kind == "kill two":
            self.kill(*fault.victims[:2])
        elif kind == "kill all":
            self.kill(*fault.victims)
        elif kind == "kill at a point":
            self._at_a_point(first, fault)
        elif kind == "kill while it starts":
            self._while_it_starts(first, fault)
        elif kind.startswith("pause"):
            self._pause(first, fault)
        elif kind in NETWORK:
            self._partition(first, fault)
        elif kind == "fail fsync":
            self._fail_sync(first, fault)
        else:
            self._fill(first, fault)
        time.sleep(fault.down)
        self.bank.heal()

    def _at_a_point(self, sidecar, fault):
        sidecar.arm(fault.point, fault.passes)
        if await_until(sidecar.died, REACH_SECONDS):
            self._reached(fault.point)
            if fault.seconds >= 2:  # and once more, while it recovers
                sidecar.revive()
                sidecar.arm(fault.point, 0)
                if await_until(sidecar.died, REACH_SECONDS):
                    self._reached(fault.point)
        else:
            self.counts[UNREACHED] += 1

    def _reached(self, point):
        self.counts[POINTS] += 1
        self.at[point] += 1

    def _while_it_starts(self, sidecar, fault):
        self.kill(sidecar.name)
        sidecar.start()
        time.sleep(fault.seconds / 2)
        self.kill(sidecar.name)

    def _pause(self, sidecar, fault):
        sidecar.signal(signal.SIGSTOP)
        self.counts[PAUSES] += 1
        time.sleep(fault.seconds)
        if fault.kind == "pause":
            sidecar.signal(signal.SIGCONT)
        else:
            self.kill(sidecar.name)

    def _partition(self, sidecar, fault):
        others = [self.bank[name] for name in fault.victims[1:]]
        network.apply({
            "cut a link": lambda: network.cut(sidecar, others[0]),
            "cut one way": lambda: [network.to(sidecar, others[0])],
            "cut off": lambda: network.isolate(sidecar, others),
            "lose answers": lambda: [network.answers(sidecar)],
        }[fault.kind]())
        self.counts[PARTITIONS] += 1
        time.sleep(fault.seconds)
        if fault.passes:  # what stood behind the cut may be gone when it is over
            self.kill(sidecar.name)
        network.heal()

    def _fail_sync(self, sidecar, fault):
        sidecar.failing.touch()
        # A sidecar whose journal has failed says so, and stays so until it is started again.
        if await_until(lambda: not sidecar.ready(), REACH_SECONDS):
            self.counts[SYNCS] += 1
        self.kill(sidecar.name)
        if fault.passes:  # it fails at the next start, too
            sidecar.start()
            time.sleep(fault.seconds)
            self.kill_if_it_lives(sidecar)
        sidecar.failing.unlink()

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
        disk.fill(place, 0 if full else disk.TIGHT_MIB * disk.MIB)
        refused = await_until(lambda: not sidecar.ready(), REACH_SECONDS)
        self.counts[DISKS] += refused
        time.sleep(fault.seconds)
        if fault.passes:
            self.kill(sidecar.name)
            sidecar.start()
            time.sleep(fault.seconds)
            self.kill_if_it_lives(sidecar)
        disk.empty(place)
        # What was refused goes on by itself; a write that failed stops the journal until the next start.
        if sidecar.alive() and not await_until(sidecar.ready, RECOVER_SECONDS):
            if not full:
                raise banks.Breach("the sidecar of %s does not recover from a disk with little space" % sidecar.name)
            self.kill(sidecar.name)


def await_until(condition, seconds):
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
