"""Links between sidecars that can be cut: packets are known by the group of the process that sends them."""
import json
import subprocess

from harness import common

TABLE = "table inet chaos { chain cut { type filter hook output priority 0; }; }"


def available():
    """Whether this process has a network namespace that rules can be put into."""
    return subprocess.run(["nft", "-f", "-"], input=TABLE, text=True, capture_output=True).returncode == 0


def to(sender, receiver):
    """Drops what a sidecar asks of another one."""
    return to_ports(sender, [receiver.inbound, receiver.control])


def to_ports(sender, ports):
    return "meta skgid %d tcp dport { %s } counter drop" % (sender.group, ", ".join(map(str, ports)))


def answers(sender):
    """Drops what a sidecar answers to anybody."""
    return "meta skgid %d tcp sport { %d, %d } counter drop" % (sender.group, sender.inbound, sender.control)


def cut(one, other):
    return [to(one, other), to(other, one)]


def isolate(one, others):
    return [answers(one)] + [rule for other in others for rule in cut(one, other)]


def apply(rules):
    _nft("".join("add rule inet chaos cut %s\n" % rule for rule in rules))


def heal():
    """Undoes all cuts; how many packets they have kept back."""
    told = subprocess.run(["nft", "-j", "list", "chain", "inet", "chaos", "cut"], text=True, capture_output=True).stdout
    _nft("flush chain inet chaos cut\n")
    return dropped(json.loads(told or "{}"))


def dropped(told):
    """The packets of all counters of what nft says of a chain."""
    rules = [each["rule"] for each in told.get("nftables", []) if "rule" in each]
    return sum(part["counter"]["packets"] for rule in rules for part in rule["expr"] if "counter" in part)


def _nft(text):
    done = subprocess.run(["nft", "-f", "-"], input=text, text=True, capture_output=True)
    if done.returncode:
        raise common.Failure("nft: %s" % done.stderr)
