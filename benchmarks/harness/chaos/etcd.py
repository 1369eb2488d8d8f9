"""Three etcds, each of which can be stopped, and what sidecars keep in them."""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import time

from harness import common

PREFIX = "/handfast"
LEASE_SECONDS = 2
MEMBERS = ("etcd-1", "etcd-2", "etcd-3")
UP_SECONDS = 60
JOURNAL = re.compile(r"journal: \{ directory: [^}]* }")
CALLBACK = re.compile(r"(?m)^( *)callback:$")
BOUND = re.compile(r"port(?:_value)?: (\d+)")


def available():
    return shutil.which("etcd") is not None


def rewrite(config, endpoints):
    """A sidecar's file, with its records in etcd; whoever shares the service's database may end what another began."""
    store = "etcd: { endpoints: [%s], prefix: %s, lease: %ds }" % (
        ", ".join('"%s"' % each for each in endpoints), PREFIX, LEASE_SECONDS)
    text, stores = JOURNAL.subn(store, config)
    if stores != 1:
        raise common.Failure("a sidecar's file has %d journals (expected: 1)" % stores)
    return CALLBACK.sub(r"\1callback:\n\1  replicas: EQUIVALENT", text)


def replica(config, free_port=common.free_port):
    """The file of another sidecar beside the same service, and its ports by those of the first."""
    moved = {}
    for port in BOUND.findall(config[:config.index("\n  clusters:")]):
        moved.setdefault(port, str(free_port()))
    text = re.sub(r"\b(%s)\b" % "|".join(moved), lambda found: moved[found.group(1)], config)
    return text, {int(old): int(new) for old, new in moved.items()}


def ended(record):
    """Whether a record of record.proto is a branch_ended: it stays as long as a late write of BEGUN could arrive."""
    return record[:1] == bytes([4 << 3 | 2])


class Member:
    """One of the servers; its data survives it."""

    def __init__(self, name, directory):
        self.name, self.directory = name, directory
        self.client, self.peer = common.free_port(), common.free_port()
        self.log = directory / (name + ".log")
        self.process = None

    def start(self, cluster):
        if self.alive():
            return
        peers = ",".join("%s=http://127.0.0.1:%d" % (each.name, each.peer) for each in cluster)
        client, peer = ("http://127.0.0.1:%d" % port for port in (self.client, self.peer))
        self.process = common.start(
            ["etcd", "--name", self.name, "--data-dir", self.directory / self.name, "--log-level", "error",
             "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
             "--initial-advertise-peer-urls", peer, "--initial-cluster", peers, "--initial-cluster-token", "chaos"],
            log=self.log, cwd=self.directory)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.alive():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            common.stop(self.process)

    def signal(self, number):
        if self.alive():
            os.killpg(self.process.pid, number)

    def call(self, path, body):
        """What its gateway answers, or None."""
        connection = http.client.HTTPConnection("127.0.0.1", self.client, timeout=2)
        try:
            connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
            return said if answer.status == 200 else None
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class Cluster:
    """All three; close() ends them."""

    def __init__(self, directory):
        self.members = [Member(name, directory) for name in MEMBERS]
        self.heal()

    def endpoints(self):
        return ["http://127.0.0.1:%d" % each.client for each in self.members]

    def ports(self):
        return [each.client for each in self.members]

    def heal(self):
        """Returns when all live and have a leader."""
        for each in self.members:
            each.signal(signal.SIGCONT)
            each.start(self.members)
        end = time.monotonic() + UP_SECONDS
        while not all(self.leader_as_seen_by(each) for each in self.members):
            if time.monotonic() > end:
                raise common.Failure("etcd has no leader after %d s:\n%s" % (
                    UP_SECONDS, "\n".join(common.tail(each.log) for each in self.members)))
            time.sleep(0.05)

    @staticmethod
    def leader_as_seen_by(member):
        """The leader's id and the member's own, where one is known to it."""
        status = member.call("/v3/maintenance/status", {})
        leader = (status or {}).get("leader", "0")
        return None if leader == "0" else (leader, status["header"]["member_id"])

    def leader(self, among=None):
        """Who leads of some of them, or of all; None if none of these does."""
        for each in among or self.members:
            seen = self.leader_as_seen_by(each)
            if seen and seen[0] == seen[1]:
                return each
        return None

    def unended(self, below=""):
        """The keys of branches, of one service or of all, that have not ended; None where no majority answers."""
        first = (PREFIX + "/branches/" + below).encode()
        last = first[:-1] + bytes([first[-1] + 1])
        body = {"key": base64.b64encode(first).decode(), "range_end": base64.b64encode(last).decode()}
        for each in self.members:
            answer = each.call("/v3/kv/range", body)
            if answer is not None:
                return [base64.b64decode(found["key"]).decode() for found in answer.get("kvs", [])
                        if not ended(base64.b64decode(found["value"]))]
        return None

    def close(self):
        for each in self.members:
            each.kill()
