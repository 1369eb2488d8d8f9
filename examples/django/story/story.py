"""Sells things in the shop while processes are killed, and compares both databases with what the clients were told."""

import argparse
import itertools
import random
import sys
import threading
import time

from town import ACCOUNTS, BANK_A, ITEMS, SERVICE, SHOP, STOCK, Town, call, within

CLIENTS = 4


class Books:
    """What clients were told, and what the databases say."""

    def __init__(self, town):
        self.town = town
        self.told = {}  # reference -> (verdict, item, account)
        self.wrong = []
        self.lock = threading.Lock()

    def order(self, reference, item, account):
        """Asks for an order; committed, aborted, unknown, or nothing."""
        while True:
            status, headers, body = call(SHOP, "POST", "/orders", {"reference": reference, "item": item, "account": account})
            if status != 0:
                break
            time.sleep(0.05)  # nobody listened, so nothing was sent
        verdict = headers.get("tx-outcome", "nothing")
        with self.lock:
            self.told[reference] = (verdict, item, account)
        return verdict, status, (body or {}).get("detail", "") if isinstance(body, dict) else ""

    def expect(self, told, verdict):
        if told[0] != verdict:
            self.wrong.append(f"the client was told {told} (expected: {verdict})")

    def check(self):
        """Waits until all is settled, then looks, past the sidecars."""
        try:
            within(30, self.town.settled, "every transaction to end")
        except RuntimeError as e:
            self.wrong.append(f"{e}; prepared: {self.town.postgres.prepared()}")
        orders = {reference for (reference,) in self.town.postgres.sql("SELECT reference FROM orders_order", "shop")}
        paid = [reference for (reference,) in self.town.postgres.sql("SELECT reference FROM entries", "bank")]
        if len(paid) != len(set(paid)):
            self.wrong.append("something was paid twice")
        for reference, (verdict, _, _) in self.told.items():
            here, there = reference in orders, reference in paid
            if here != there:
                self.wrong.append(f"{reference}: ordered {here}, paid {there}; the client was told {verdict}")
            elif (verdict == "committed") and not here or (verdict == "aborted") and here:
                self.wrong.append(f"{reference}: the client was told {verdict}; in both databases it is {here}")
        self._sums(orders)
        committed = sum(verdict == "committed" for verdict, _, _ in self.told.values())
        print(f"    {len(orders)} orders, {len(paid)} payments; told committed {committed} of {len(self.told)};"
              f" prepared transactions {len(self.town.postgres.prepared())}")
        well = not self.wrong
        while self.wrong:
            print(f"    WRONG: {self.wrong.pop(0)}")
        return well

    def _sums(self, orders):
        stock = dict(self.town.postgres.sql("SELECT name, stock FROM orders_item", "shop"))
        balances = dict(self.town.postgres.sql("SELECT id, balance FROM accounts", "bank"))
        sold = [(item, account) for reference, (_, item, account) in self.told.items() if reference in orders]
        for item in ITEMS:
            expected = STOCK - sum(each == item for each, _ in sold)
            if stock[item] != expected:
                self.wrong.append(f"{stock[item]} of {item} are left (expected: {expected})")
        for account, cents in ACCOUNTS.items():
            expected = cents - sum(ITEMS[item] for item, each in sold if each == account)
            if balances[account] != expected:
                self.wrong.append(f"{account} has {balances[account]} cents (expected: {expected})")


def heading(number, text):
    print(f"\n{number}  {text}", flush=True)


def say(told):
    verdict, status, detail = told
    print(f"    The client is told: {verdict} ({status}{': ' + detail if detail else ''}).", flush=True)
    return told


def rehearse(books):
    for attempt in range(10):
        if books.order(f"rehearsal-{attempt}", "print", "alice")[0] == "committed":
            return
    raise RuntimeError("no order commits (expected: one of 10)")


def commits(books, _):
    books.expect(say(books.order("commits", "book", "alice")), "committed")


def bank_refuses(books, _):
    """Django has written its order by then."""
    books.expect(say(books.order("too-dear", "chair", "carol")), "aborted")


def shop_refuses(books, _):
    """The bank has taken the money and committed when Django's view raises."""
    books.town.postgres.sql("UPDATE orders_item SET stock = 0 WHERE name = 'lamp'", "shop")
    told = say(books.order("sold-out", "lamp", "alice"))
    books.town.postgres.sql(f"UPDATE orders_item SET stock = {STOCK} WHERE name = 'lamp'", "shop")
    books.expect(told, "aborted")


def killed_after_yes(books, _):
    """Somebody else's lock holds Django's view back after the bank has prepared."""
    killed_while_shop_waits(books, "bank-sidecar", "committed")


def killed_before_decision(books, _):
    killed_while_shop_waits(books, "shop-sidecar", "nothing")


def killed_shop(books, _):
    killed_while_shop_waits(books, "shop", "aborted")


def killed_while_shop_waits(books, victim, verdict):
    town, told = books.town, []
    with town.postgres.connect("shop") as other:
        client = threading.Thread(target=lambda: told.append(books.order(f"{victim}-killed", "book", "bob")))
        other.execute("BEGIN")
        # The order's foreign key passes this lock; the UPDATE of the stock does not.
        other.execute("SELECT 1 FROM orders_item WHERE name = 'book' FOR NO KEY UPDATE")
        client.start()
        # Django comes to that UPDATE when it has the bank's answer, and the bank has prepared before it answers.
        within(3, town.postgres.waiting, "Django to wait for the lock")
        print("    In pg_prepared_xacts: " + ", ".join(town.postgres.prepared()))
        town.kill(victim)
        print(f"    kill -9: {victim} is gone.")
        other.execute("ROLLBACK")
    client.join()
    books.expect(say(told[0]), verdict)
    town.restart(victim)


def storm(books, arguments):
    seed = arguments.seed if arguments.seed is not None else random.randrange(1_000_000)
    print(f"    {CLIENTS} clients, {arguments.orders} orders and {arguments.kills} kills at least, seed {seed}.")
    orders, kills = random.Random(seed), random.Random(~seed)
    numbers, lock, killed = itertools.count(), threading.Lock(), threading.Event()

    def client():
        while True:
            with lock:
                number, item, account = next(numbers), orders.choice(sorted(ITEMS)), orders.choice(["alice", "bob"])
            if killed.is_set() and number >= arguments.orders:
                return
            if books.order(f"storm-{number}", item, account)[0] != "committed":
                time.sleep(0.1)  # who is refused at once, for something is dead, would ask a thousand times

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    victims = ["shop-sidecar", "bank-sidecar", "shop-sidecar", "bank-sidecar", "shop", "bank"]
    try:
        for _ in range(arguments.kills):
            time.sleep(kills.uniform(0.5, 1.5))
            victim = kills.choice(victims)
            books.town.kill(victim)
            time.sleep(kills.uniform(0, 0.3))
            books.town.restart(victim)
    finally:
        killed.set()
    for thread in clients:
        thread.join()


ACTS = [
    ("an order that commits", commits),
    ("the bank refuses: no money", bank_refuses),
    ("the shop refuses: none left, when the bank has committed", shop_refuses),
    ("kill -9 of the bank's sidecar after its yes", killed_after_yes),
    ("kill -9 of the shop's sidecar before the decision", killed_before_decision),
    ("kill -9 of Django in the middle of its view", killed_shop),
    ("many orders while processes are killed", storm),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    begun = time.monotonic()
    town = Town()
    try:
        print("Starting PostgreSQL, Django, the bank and two sidecars ...", flush=True)
        town.start()
        books = Books(town)
        rehearse(books)
        well = True
        for number, (title, act) in enumerate(ACTS, 1):
            heading(number, title)
            act(books, arguments)
            well &= books.check()
        print(f"\n{'All well' if well else 'WRONG'} in {time.monotonic() - begun:.1f} s.")
        if arguments.keep:
            print(f"Still running, until Ctrl-C: curl -i localhost:{SHOP}/orders -d "
                  f"'{{\"reference\": \"mine\", \"item\": \"book\", \"account\": \"alice\"}}' -H 'content-type: application/json'")
            print(f"Logs are in {town.directory}; the bank answers at port {BANK_A + SERVICE}.")
            while True:
                time.sleep(3600)
        return 0 if well else 1
    except RuntimeError as e:
        print(f"The example failed: {e}", file=sys.stderr)
        return 1
    finally:
        town.close()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
