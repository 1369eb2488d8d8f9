"""The bank with its services, and the sidecars beside them, which can be killed and started again."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from harness import common
from harness.chaos import etcd as etcds

LIB = common.HOME / "proxy/target/handfast/lib"
DEMO_LIB = common.HOME / "examples/demo/target/demo/lib"
SOURCES = common.HOME / "benchmarks/src/chaos"
TESTS = common.HOME / "proxy/src/test/java/io/handfast/proxy/crash"
TRAINING = common.HOME / "proxy/src/main/aot"
FLAGS = ["-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-XX:TieredStopAtLevel=1", "-Xms8m", "-Xmx256m"]
ACCESS = ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
MAIN = "io.handfast.proxy.cli.Main"
SERVICES = ("transfers", "bank-a", "bank-b", "audit")
BANKS = ("bank-a", "bank-b")
REPLICATED = ("transfers", "bank-b")  # on etcd these have a second sidecar, which nobody calls
REPLICA = "-2"
READY_SECONDS = 90
START_SECONDS = 180
FIRST_GROUP = 61001  # group ids by which the packets of a sidecar are known
CONTROL = 14  # what examples/bank/mesh adds to an inbound port for the control service


class Breach(Exception):
    """Something that must not be."""


def build():
    """Builds the proxy, the bank and the demo, where a source is newer than the last build."""
    done = subprocess.run([common.HOME / "handfast", "demo", "--help"], stdout=subprocess.DEVNULL)
    if done.returncode:
        raise common.Failure("the build failed")


class Jvm:
    """How a sidecar is started: the shipped jars, behind one with the points at which it can be made to die."""

    def __init__(self):
        self.java = common.java()
        directory = common.HOME / "target/chaos-jvm"
        jar, points, cache = directory / "crash.jar", directory / "points", directory / "aot.cache"
        self.class_path = "%s:%s/*" % (jar, LIB)
        newest = max(path.stat().st_mtime for path in (LIB, *TESTS.iterdir()))
        if not points.exists() or points.stat().st_mtime < newest:
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            said = run([self.java, "-cp", "%s/*" % LIB, TESTS / "CrashJar.java", jar])
            self._train(cache)
            points.write_text(said)
        self.points = points.read_text().split()
        self.options = ["-XX:AOTCache=%s" % cache, "-Xlog:aot*=off,cds*=off"] if cache.exists() else []

    def _train(self, cache):
        """Makes a cache with which a sidecar starts in half of the time; there is none where that is not possible."""
        command = self.command("/", ["-XX:AOTCacheOutput=%s" % cache], ["proxy", "-c"])
        subprocess.run(
            [self.java, "-XX:TieredStopAtLevel=1", TRAINING / "AotTraining.java", TRAINING / "training.yaml", cache,
             *command], capture_output=True)

    def command(self, hook, more, arguments):
        """The command line of handfast; hook is the directory in which a point is armed."""
        return [self.java, *FLAGS, *more, *ACCESS, "-Dhandfast.home=%s" % common.HOME, "-Dhandfast.crash=%s" % hook,
                "-cp", self.class_path, MAIN, *arguments]

    def run(self, *arguments):
        """Runs handfast to its end; what it said."""
        return run(self.command("/", self.options, arguments))


def run(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        raise common.Failure("%s ended with %d:\n%s%s" % (
            " ".join(map(str, command[-4:])), done.returncode, done.stdout[-2000:], done.stderr[-2000:]))
    return done.stdout


def ask(port, path, method="GET", body=None, seconds=5):
    """Status and JSON, or None where nobody answers."""
    request = urllib.request.Request(
        "http://127.0.0.1:%d%s" % (port, path), method=method, data=body and json.dumps(body).encode(),
        headers={"content-type": "application/json"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, read_json(answer.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, read_json(refusal.read())
    except (OSError, ValueError):
        return None


def read_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def value_of(name, text):
    """Of a metric without labels in Prometheus' text; None if it is not there."""
    return next((float(line.split()[1]) for line in text.splitlines() if line.startswith(name + " ")), None)


class Sidecar:
    """A sidecar in a process of its own. Its journal survives it."""

    def __init__(self, name, place, jvm, directory, ports, config, preload):
        self.name, self.jvm, self.directory = name, jvm, directory
        self.inbound, self.service, self.admin, self.control = ports
        self.config = config
        self.group = FIRST_GROUP + place
        self.hook = directory / ("hook-" + name)
        self.hook.mkdir()
        self.title = name.removesuffix(REPLICA)
        self.journal = directory / "state" / name
        self.log = directory / (name + "-sidecar.log")
        self.failing = self.hook / "fail-sync"
        self.preload = preload
        self.process = None
        self.killed = False

    def start(self):
        """Starts it, unless it runs; returns at once."""
        if self.alive():
            return
        self.killed = False
        env = {**os.environ, "HANDFAST_FAIL_SYNC": str(self.failing)}
        if self.preload:
            env["LD_PRELOAD"] = str(self.preload)
        own = ["setpriv", "--regid", str(self.group), "--clear-groups"] if os.geteuid() == 0 else []
        command = self.jvm.command(
            self.hook, self.jvm.options, ["proxy", "-c", str(self.config), "--concurrency", "1"])
        self.process = common.start([*own, *command], log=self.log, cwd=self.directory, env=env)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL; returns when it is gone. Whether it was there to be killed."""
        if not self.alive():
            return False
        self.killed = True
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        common.stop(self.process)
        return True

    def signal(self, number):
        if self.alive():
            os.killpg(self.process.pid, number)

    def stands_still(self):
        """Whether all of its threads are stopped, or it is dead: nothing is written then."""
        if not self.alive():
            return True
        stats = [common.read_proc(task) for task in pathlib.Path("/proc/%d/task" % self.process.pid).glob("*/stat")]
        return all(stat.rpartition(")")[2].split()[:1] in (["T"], []) for stat in stats)

    def died(self):
        """Whether it has died at the armed point, or is about to; that it died by itself is a breach."""
        alive = self.alive()
        hit = (self.hook / "hit").exists()
        if hit:
            self.process.wait()
        elif self.process is not None and not alive and not self.killed:
            raise Breach("the sidecar of %s ended by itself with %d:\n%s" % (
                self.name, self.process.returncode, common.tail(self.log)))
        return hit

    def revive(self):
        """Starts it if it is dead; no point is armed then."""
        (self.hook / "armed").unlink(missing_ok=True)  # from now on it does not begin to die
        self.died()
        (self.hook / "hit").unlink(missing_ok=True)
        self.start()

    def arm(self, point, passes):
        """Makes it die at a point, after so many harmless passes."""
        whole = self.hook / "arming"
        whole.write_text("%s %d" % (point, passes))
        whole.rename(self.hook / "armed")

    def ready(self):
        answer = ask(self.admin, "/ready")
        return answer is not None and answer[0] == 200

    def metric(self, name):
        """The value of a metric without labels, or None where it does not answer."""
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d/stats/prometheus" % self.admin, timeout=5) as answer:
                return value_of(name, answer.read().decode())
        except (OSError, http.client.HTTPException):
            return None

    def load(self):
        """Transactions in flight and branches in doubt, or None where it does not answer."""
        answer = ask(self.admin, "/transactions")
        if answer is None or answer[0] != 200:
            return None
        return len(answer[1]["inFlight"]), answer[1]["inDoubt"]

    def await_ready(self):
        begun = time.monotonic()
        while not self.ready():
            if not self.alive():
                raise Breach("the sidecar of %s ended with %s instead of starting:\n%s" % (
                    self.name, self.process.returncode, common.tail(self.log)))
            if time.monotonic() - begun > READY_SECONDS:
                raise Breach("the sidecar of %s is not ready after %d s:\n%s" % (
                    self.name, READY_SECONDS, common.tail(self.log)))
            time.sleep(0.02)


class Bank:
    """Services, databases and sidecars; close() ends all of them."""

    def __init__(self, directory, jvm, preload, etcd=None):
        self.directory, self.jvm, self.preload, self.etcd = directory, jvm, preload, etcd
        (directory / "state").mkdir(exist_ok=True)
        log = directory / "bank.log"
        self.process = common.start(
            [jvm.java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-Djava.io.tmpdir=%s" % directory,
             *ACCESS, "-cp", "%s/*" % DEMO_LIB, SOURCES / "Bank.java", common.HOME],
            log=log, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.sidecars = {}
        overdue = threading.Timer(START_SECONDS, self.process.kill)
        overdue.start()
        for line in self.process.stdout:
            words = line.decode().split()
            if words[0] == "directory":
                self.town = pathlib.Path(words[1])
            elif words[0] == "member":
                os.kill(int(words[2]), signal.SIGKILL)
                inbound, service, admin = map(int, words[3:6])
                self._lay_out(words[1], (inbound, service, admin, inbound + CONTROL), words[6])
            elif words[0] == "ready":
                break
        overdue.cancel()
        if not all(name in self.sidecars for name in SERVICES):
            raise common.Failure("the bank did not start:\n" + common.tail(log))

    def _lay_out(self, name, ports, config):
        if self.etcd is None:
            self._add(name, ports, config)
            return
        text = etcds.rewrite(pathlib.Path(config).read_text(), self.etcd.endpoints())
        self._add(name, ports, self._write(name, text))
        if name in REPLICATED:
            inbound, service, admin, control = ports
            text, moved = etcds.replica(text)
            ports = moved[inbound], service, moved[admin], moved[control]
            self._add(name + REPLICA, ports, self._write(name + REPLICA, text))

    def _write(self, name, text):
        file = self.directory / (name + ".yaml")
        file.write_text(text)
        return file

    def _add(self, name, ports, config):
        self.sidecars[name] = Sidecar(
            name, len(self.sidecars), self.jvm, self.directory, ports, config, self.preload)

    def __iter__(self):
        return iter(self.sidecars.values())

    def __getitem__(self, name):
        return self.sidecars[name]

    def heal(self):
        """Lets all go on, starts what is dead, and returns when all are ready."""
        if self.etcd is not None:
            self.etcd.heal()
        for sidecar in self:
            sidecar.failing.unlink(missing_ok=True)
            sidecar.signal(signal.SIGCONT)
            sidecar.revive()
        for sidecar in self:
            sidecar.await_ready()

    def slow(self, ms):
        """Makes the banks work so long on a reservation, so that faults meet work under way."""
        for name in BANKS:
            answer = ask(self[name].service, "/admin/delays", "PUT", {"reserveBeforeMs": ms, "reserveAfterMs": ms})
            if answer is None or answer[0] // 100 != 2:
                raise common.Failure("%s cannot be made slow: %s" % (name, answer))

    def keep_logs(self):
        """Before the bank takes its directory away."""
        for log in self.town.glob("*.log"):
            shutil.copy(log, self.directory / ("service-" + log.name))

    def close(self):
        for sidecar in self:
            sidecar.kill()
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            pass
        common.stop(self.process)
