"""Clients that move money between the banks, several at once, and remember what they were told."""
import dataclasses
import http.client
import json
import random
import threading

AT = {"bank-a": ("alice", "agnes", "anton", "arthur"), "bank-b": ("bob", "bella", "bruno", "beth")}
TOO_MUCH = 900_000  # more than anybody has: a bank refuses it
PATIENCE = 30  # seconds; longer than any transaction
OUTCOMES = ("committed", "aborted", "unknown")
NOTHING = "nothing"
AGAIN = ", retry-after "  # behind the status
THINK = 0.05  # seconds
LONGEST_THINK = 1.0  # of a client to whom nobody answers


@dataclasses.dataclass(frozen=True)
class Receipt:
    """A transfer, and what its client was told: one of OUTCOMES or NOTHING."""

    id: str
    payer: str
    payee: str
    amount: int
    told: str
    detail: str


class Clients:
    """Work between start() and stop(); what they were told is in receipts."""

    def __init__(self, port, seed, count):
        self.port, self.seed, self.count = port, seed, count
        self.receipts, self.shift = [], 0
        self._threads, self._over = [], threading.Event()
        self._heard, self._outcomes = threading.Condition(), 0

    def start(self):
        self.shift += 1
        self._over.clear()
        self._threads = [
            threading.Thread(target=self._work, args=(nth,), daemon=True) for nth in range(self.count)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        """Returns when each has its last answer, or none."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def await_outcomes(self, more, seconds):
        """Returns when so many more have been told an outcome; whether that was in time."""
        with self._heard:
            enough = self._outcomes + more
            return self._heard.wait_for(lambda: self._outcomes >= enough, seconds)

    def _work(self, nth):
        dice, n, think = random.Random("%d/%d/%d" % (self.seed, self.shift, nth)), 0, THINK
        while not self._over.is_set():
            n += 1
            order = draw(dice, "chaos-%d-%d-%d" % (self.shift, nth, n))
            told, detail = place(self.port, order)
            self.receipts.append(Receipt(order["id"], order["from"], order["to"], order["amount"], told, detail))
            if told == NOTHING:
                think = min(2 * think, LONGEST_THINK)  # the machine is to start sidecars meanwhile
            else:
                think = THINK
                with self._heard:
                    self._outcomes += 1
                    self._heard.notify_all()
            self._over.wait(think)


def draw(dice, name):
    """A transfer between the banks, to and fro alike, one in twelve above what anybody has."""
    payer, payee = dice.sample(sorted(AT), 2)
    amount = TOO_MUCH if dice.random() < 1 / 12 else dice.randint(1, 50)
    return {"id": name, "from": "%s/%s" % (payer, dice.choice(AT[payer])),
            "to": "%s/%s" % (payee, dice.choice(AT[payee])), "amount": amount}


def place(port, order):
    """What the client of a transfer is told."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", "/transfers", json.dumps(order), {"content-type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        outcome = answer.getheader("tx-outcome")
        again = answer.getheader("retry-after")
        return outcome if outcome in OUTCOMES else NOTHING, "%d%s %s" % (
            answer.status, AGAIN + again if again else "", body[:300].decode(errors="replace"))
    except (OSError, http.client.HTTPException) as e:
        return NOTHING, repr(e)
    finally:
        connection.close()
