"""Certificates for mutual TLS: an authority, a server and a client, by openssl."""
import subprocess

from harness import common

DAYS = "2"
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def make(openssl, directory):
    """ca.pem, and for server and client NAME.pem, NAME.key and both in one, NAME-both.pem, into a new directory."""
    directory.mkdir()
    run(openssl, directory, "req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", DAYS,
        "-subj", "/CN=Handfast benchmark authority")
    for name in ("server", "client"):
        issue(openssl, directory, name, directory)
    return directory


def issue(openssl, authority, name, directory):
    """A certificate with a key of its own by the authority in that directory; made if it is not there."""
    directory.mkdir(exist_ok=True)
    (directory / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    run(openssl, directory, "req", *KEY, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
    run(openssl, directory, "x509", "-req", "-in", name + ".csr", "-CA", authority / "ca.pem", "-CAkey", authority / "ca.key",
        "-CAcreateserial", "-days", DAYS, "-extfile", "names", "-out", name + ".pem")
    (directory / (name + "-both.pem")).write_text(
        (directory / (name + ".pem")).read_text() + (directory / (name + ".key")).read_text())
    return directory


def run(openssl, directory, *arguments):
    done = subprocess.run([openssl, *arguments], cwd=directory, capture_output=True, text=True)
    if done.returncode:
        raise common.Failure("openssl %s:\n%s" % (arguments[0], done.stderr))
