"""A PostgreSQL of the demo's own binaries, in a directory of its own."""

import os
import pathlib
import platform
import subprocess
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
JARS = ROOT / "examples" / "demo" / "target" / "demo" / "lib"
MACHINES = {"x86_64": ("amd64", "x86_64"), "aarch64": ("arm64v8", "arm_64")}


class Postgres:
    """One server with a role and a database of its name for each of those given. Trusts whoever reaches it on loopback."""

    def __init__(self, directory, port, databases, log_statements=False):
        self.data = directory / "postgres"
        self.port = port
        self.log_statements = log_statements
        self.bin = binaries(directory.parent) / "bin"
        self._run("initdb", "-A", "trust", "-U", "postgres", "-D", self.data, "-E", "UTF8", "--no-sync")
        self.log = directory / "postgres.log"
        self.start()
        for database in databases:
            self.sql(f"CREATE ROLE {database} LOGIN")
            self.sql(f"CREATE DATABASE {database} OWNER {database}")

    def start(self):
        # 0 prepared transactions is PostgreSQL's default.
        options = f"-p {self.port} -c max_prepared_transactions=50 -c unix_socket_directories='' -c listen_addresses=127.0.0.1"
        options += " -c log_statement=all" if self.log_statements else ""
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-o", options, "-w", "start")

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def connect(self, database="postgres"):
        import psycopg

        return psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True)

    def sql(self, statement, database="postgres"):
        """The rows of a statement, past every sidecar."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def prepared(self):
        return [gid for (gid,) in self.sql("SELECT gid FROM pg_prepared_xacts ORDER BY prepared")]

    def waiting(self):
        """Who waits for another one's lock."""
        return [pid for (pid,) in self.sql("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'")]

    def _run(self, program, *arguments):
        # PostgreSQL refuses to run as root; in a user namespace of its own nobody is.
        command = ["unshare", "-U"] if os.geteuid() == 0 else []
        done = subprocess.run([*command, self.bin / program, *arguments], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        if done.returncode:
            raise RuntimeError(f"{program} fails: {done.stderr.strip()}")


def binaries(kept):
    """Unpacked once, where it is kept."""
    jar_name, archive_name = MACHINES[platform.machine()]
    jar = next(JARS.glob(f"embedded-postgres-binaries-linux-{jar_name}-*.jar"))
    place = kept / jar.stem
    if not place.exists():
        making = kept / f"{jar.stem}.{os.getpid()}"
        with zipfile.ZipFile(jar) as outer, outer.open(f"postgres-linux-{archive_name}.txz") as archive:
            with tarfile.open(fileobj=archive, mode="r:xz") as inner:
                inner.extractall(making, filter="fully_trusted")
        making.rename(place)
    return place
