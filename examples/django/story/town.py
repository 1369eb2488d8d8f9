"""The processes of the example: PostgreSQL, the shop, the bank, and a sidecar for each of the two."""

import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE.parent / "tools"))
from postgres import ROOT, Postgres  # noqa: E402

MESH = HERE / "mesh"
BANK = ROOT / "examples" / "bank" / "target" / "bank"

SHOP, BANK_A = 18500, 18600  # where their sidecars take requests; mesh/ has the rest
DATABASE, SERVICE, ADMIN = 5, 80, 90
POSTGRES = 18560
PORTS = [SHOP, SHOP + 1, SHOP + 5, SHOP + 14, SHOP + 80, SHOP + 90, BANK_A, BANK_A + 5, BANK_A + 14, BANK_A + 80, BANK_A + 90, POSTGRES]

ITEMS = {"book": 1_500, "lamp": 4_200, "chair": 9_900, "print": 700}
STOCK = 1_000
ACCOUNTS = {"alice": 100_000_000, "bob": 100_000_000, "carol": 1_000}


class Child:
    """A process that is started again as often as it is killed; what it says goes to a file."""

    def __init__(self, name, command, directory, environment=None):
        self.name, self.command, self.directory = name, [str(part) for part in command], directory
        self.environment = {**os.environ, **(environment or {})}
        self.process = None

    def start(self):
        with open(self.directory / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(self.command, cwd=self.directory, env=self.environment, stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

    def kill(self):
        """SIGKILL to it and what it has started."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait()

    def last_words(self):
        return (self.directory / f"{self.name}.log").read_text(errors="replace")[-1500:]


class Town:
    def __init__(self):
        for port in PORTS:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    sys.exit(f"port {port} is taken (expected: {min(PORTS)} to {max(PORTS)} free)")
        # Builds what is missing, and says so.
        subprocess.run([ROOT / "handfast", "demo", "--help"], stdout=subprocess.DEVNULL, check=True)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=HERE / "target"))
        self.children = {}
        self.postgres = None

    def start(self):
        self.postgres = Postgres(self.directory, POSTGRES, ["shop", "bank"])
        self._sidecar("shop-sidecar", "shop.yaml")
        self._sidecar("bank-sidecar", "bank.yaml")
        self._bank()
        self._shop()
        for child in self.children.values():
            child.start()
        self.await_ready()

    def _sidecar(self, name, file):
        self.children[name] = Child(name, [ROOT / "handfast", "proxy", "-c", MESH / file, "--concurrency", "1"], self.directory)

    def _bank(self):
        """Java: the agent's SQL comments are one property away."""
        properties = {
            "instrumentation.common.db.experimental.sqlcommenter.enabled": "true", "traces.exporter": "none",
            "metrics.exporter": "none", "logs.exporter": "none", "javaagent.logging": "none"}
        url = "jdbc:postgresql://127.0.0.1:%d/bank?user=bank"
        accounts = ",".join(f"{name}={cents}" for name, cents in ACCOUNTS.items())
        self.children["bank"] = Child("bank", [
            java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx192m",
            f"-javaagent:{BANK}/agent/opentelemetry-javaagent.jar", *(f"-Dotel.{k}={v}" for k, v in properties.items()),
            "-cp", f"{BANK}/lib/*", "io.handfast.example.bank.plain.BankMain", "--name", "bank", "--port", BANK_A + SERVICE,
            "--jdbc-url", url % (BANK_A + DATABASE), "--schema-jdbc-url", url % POSTGRES, "--accounts", accounts], self.directory)

    def _shop(self):
        """Python: the agent's SQL comments need the shim."""
        environment = {
            "PYTHONPATH": f"{HERE}:{ROOT / 'examples' / 'shims' / 'python'}", "OTEL_PYTHON_DISTRO": "django_comments",
            "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none",
            "DJANGO_SETTINGS_MODULE": "shop.settings", "PYTHONDONTWRITEBYTECODE": "1",
            "SHOP_DATABASE_PORT": str(SHOP + DATABASE), "SHOP_BANK_URL": f"http://127.0.0.1:{SHOP + 1}"}
        # Tables are made past the sidecar, as migrations are: they belong to no transaction of the mesh.
        subprocess.run([sys.executable, HERE / "manage.py", "migrate", "--verbosity", "0"], check=True,
                       env={**os.environ, "SHOP_DATABASE_PORT": str(POSTGRES), "PYTHONDONTWRITEBYTECODE": "1"})
        for item, price in ITEMS.items():
            self.postgres.sql(f"INSERT INTO orders_item (name, price, stock) VALUES ('{item}', {price}, {STOCK})", "shop")
        scripts = pathlib.Path(sys.executable).parent
        self.children["shop"] = Child("shop", [
            scripts / "opentelemetry-instrument", scripts / "gunicorn", "--bind", f"127.0.0.1:{SHOP + SERVICE}", "--worker-class",
            "gthread", "--threads", "8", "--log-level", "warning", "shop.wsgi:application"], self.directory, environment)

    def await_ready(self):
        for port, path in ((SHOP + ADMIN, "/ready"), (BANK_A + ADMIN, "/ready"), (SHOP + SERVICE, "/health"),
                           (BANK_A + SERVICE, "/health")):
            within(60, lambda: call(port, "GET", path)[0] == 200, f"port {port} to answer GET {path}", self)

    def kill(self, name):
        self.children[name].kill()

    def restart(self, name):
        self.children[name].start()
        self.await_ready()

    def settled(self):
        """Nothing is in flight, in doubt or prepared."""
        for port in (SHOP + ADMIN, BANK_A + ADMIN):
            status, _, body = call(port, "GET", "/transactions")
            if status != 200 or body["inFlight"] or body["inDoubt"]:
                return False
        return not self.postgres.prepared()

    def close(self):
        for child in self.children.values():
            child.kill()
        if self.postgres:
            self.postgres.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def java():
    """The JDK that the launcher finds."""
    script = f". {ROOT}/.mvn/find-jdk.sh; echo $JAVA_HOME"
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.strip() + "/bin/java"


def call(port, method, path, body=None):
    """Status (0 when nobody listens, -1 when the connection broke), headers, and what was JSON in the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.connect()
    except OSError:
        return 0, {}, None
    try:
        connection.request(method, path, json.dumps(body) if body else None, {"content-type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = None
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, parsed
    except (OSError, http.client.HTTPException):
        return -1, {}, None
    finally:
        connection.close()


def within(seconds, condition, what, town=None):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            words = "".join(f"\n--- {child.name}\n{child.last_words()}" for child in town.children.values()) if town else ""
            raise RuntimeError(f"waited {seconds} s in vain for {what}{words}")
        time.sleep(0.05)
