"""What must hold when everything runs again: the money, each transfer whole or not at all, journals that agree."""
import dataclasses
import json

from harness import common
from harness.chaos import bank as banks
from harness.chaos import clients

ALL = 100_000
ABSENT = "ABSENT"
GONE = (ABSENT, "CANCELLED")
READ_ONLY = "branch-read-only"


@dataclasses.dataclass(frozen=True)
class Books:
    """All databases at one moment: states by transfer and by reservation, cents by account, and audit's count."""

    transfers: dict
    reservations: dict
    balances: dict
    reserved: dict
    audited: int


def read(bank):
    """Asks the services themselves, and audit by its sidecar and those of the banks."""
    reservations, balances, reserved = {}, {}, {}
    for name in banks.BANKS:
        reservations.update(states(bank[name].service, "/reservations", "key"))
        for row in rows(bank[name].service, "/accounts"):
            account = "%s/%s" % (name, row["id"])
            balances[account], reserved[account] = row["balance"], row["reserved"]
    answer = banks.ask(bank["audit"].inbound, "/totals", seconds=30)
    audited = answer[1]["total"] if answer is not None and answer[0] == 200 else -1
    return Books(states(bank["transfers"].service, "/transfers", "id"), reservations, balances, reserved, audited)


def states(port, path, key):
    found = rows(port, "%s?limit=%d" % (path, ALL))
    if len(found) == ALL:
        raise common.Failure("more than %d of %s: the run is too long to be checked" % (ALL, path))
    return {row[key]: row["state"] for row in found}


def rows(port, path):
    answer = banks.ask(port, path, seconds=60)
    if answer is None or answer[0] != 200:
        raise common.Failure("GET %s at port %d: %s" % (path, port, answer))
    return answer[1]


def compare(opening, books, receipts):
    """What is wrong, a sentence each: against the balances at the opening, and against what clients were told."""
    wrong, expected = [], dict(opening)
    wrong += ["transfer %s is still PENDING" % key for key, state in books.transfers.items() if state == "PENDING"]
    wrong += ["reservation %s is still RESERVED" % key
              for key, state in books.reservations.items() if state == "RESERVED"]
    for receipt in receipts:
        fate = fate_of(receipt.id, books)
        if not whole(receipt.told, fate):
            wrong.append("transfer %s: its client was told %s (%s); transfers says %s, the debit is %s, the credit %s" % (
                receipt.id, receipt.told, receipt.detail, *fate))
        if happened(fate):
            expected[receipt.payer] -= receipt.amount
            expected[receipt.payee] += receipt.amount
    for account in sorted(expected):
        if books.balances.get(account) != expected[account]:
            wrong.append("%s has %s cents (expected: %d)" % (account, books.balances.get(account), expected[account]))
    wrong += ["%s has %d cents reserved (expected: 0)" % item for item in books.reserved.items() if item[1]]
    total = sum(opening.values())
    if sum(books.balances.values()) != total:
        wrong.append("the banks hold %d cents (expected: %d)" % (sum(books.balances.values()), total))
    if books.audited != total:
        wrong.append("audit counts %d cents (expected: %d)" % (books.audited, total))
    return wrong


def fate_of(transfer, books):
    """The transfer's state in each of the three databases."""
    return (books.transfers.get(transfer, ABSENT), books.reservations.get(transfer + "-debit", ABSENT),
            books.reservations.get(transfer + "-credit", ABSENT))


def happened(fate):
    return all(state == "CONFIRMED" for state in fate)


def whole(told, fate):
    """Whether it happened everywhere or nowhere, and as the client was told."""
    nothing = all(state in GONE for state in fate)
    if told == "committed":
        return happened(fate)
    if told == "aborted":
        return nothing
    return happened(fate) or nothing


def dump(jvm, journal):
    """The records of a journal that nobody has open; verified before."""
    try:
        jvm.run("journal", "verify", str(journal))
    except common.Failure as failure:
        raise banks.Breach(str(failure)) from failure
    lines = map(json.loads, jvm.run("journal", "dump", "-o", "json", str(journal)).splitlines())
    return [line["record"] for line in lines if "record" in line]


def contradictions(dumps):
    """Where journals, by name, say what cannot be true together when nothing is in flight; a sentence each."""
    wrong, ends, decided, begun = [], {}, {}, {}
    for name, records in dumps.items():
        for record in records:
            kind, tx, branch = record["type"], record["txId"], record["branchId"]
            facts = record["facts"]
            if kind == "unreadable":
                wrong.append("%s: a record cannot be read: %s" % (name, facts))
            elif kind in ("begun", "prepared", "decided"):
                begun[(tx, branch)] = name
            elif kind == "branch-ended":
                ends.setdefault((tx, branch), set()).add(facts["outcome"])
            elif kind == "decision":
                listed = [each.partition("@")[0] for each in facts["commit"].split(", ")]
                decided.setdefault(tx, set()).update(listed, [facts.get("own", "")])
            elif kind == "ended" and facts.get("hazard"):
                wrong.append("%s: transaction %s ended with a hazard" % (name, tx))
    outcomes = {}
    for (tx, branch), said in ends.items():
        if said == {READ_ONLY}:
            continue  # it has no part in the outcome
        outcomes.setdefault(tx, set()).update(said)
        if "heuristic-hazard" in said:
            wrong.append("branch %s of %s is a hazard" % (branch, tx))
        if tx in decided and ("branch-committed" in said) != (branch in decided[tx]):
            wrong.append("branch %s of %s is %s, its decision commits %s" % (
                branch, tx, sorted(said), sorted(decided[tx])))
    wrong += ["the branches of %s disagree: %s" % (tx, sorted(said)) for tx, said in outcomes.items() if len(said) > 1]
    wrong += ["branch %s of %s was begun at %s and has no end" % (branch, tx, name)
              for (tx, branch), name in begun.items() if (tx, branch) not in ends]
    return wrong
