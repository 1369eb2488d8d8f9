"""The proxies that are compared: how each is found, configured and started."""
import os
import subprocess
import time

from harness import common

CPU = 0
TEMPLATES = common.HOME / "benchmarks/http"
WARM_UP_SLICE = 3


class Peer:
    """A proxy that runs, and what was measured of it."""

    def __init__(self, name, process, port):
        self.name, self.process, self.port = name, process, port
        self.load_port = port
        self.saturated, self.fixed = [], []


def fill(template, target=None, **values):
    text = (TEMPLATES / template).read_text()
    for name, value in values.items():
        text = text.replace("${%s}" % name, str(value))
    if target is None:
        return text
    target.write_text(text)
    return target


def version(name, path):
    """What a proxy says of itself, in a word or two."""
    flag = {"Handfast": "--version", "Envoy": "--version", "HAProxy": "-v", "nginx": "-v", "nghttpx": "--version"}[name]
    done = subprocess.run([path, flag], capture_output=True, text=True)
    return short_version(name, done.stdout + done.stderr)


def short_version(name, said):
    """1.40.0 of `/usr/bin/envoy  version: 9f1e.../1.40.0/Clean/RELEASE/BoringSSL`, and so on."""
    words = said.replace("/", " ").split()
    numbers = [word for word in words if word[0].isdigit() and word.count(".") >= 2]
    return "%s %s" % (name, numbers[0] if numbers else "?")


def handfast_program():
    """What HANDFAST names, or the one of this checkout, which the script builds and trains if need be, before anything is timed."""
    named = os.environ.get("HANDFAST")
    if not named:
        subprocess.run([common.HOME / "handfast", "proxy", "--help"], capture_output=True)
    return named or str(common.HOME / "proxy/target/handfast/bin/handfast")


def start(name, path, workload, directory, upstream, certificates):
    """Starts one of NAMES on a core of its own."""
    return launch(name, lambda *where: COMMANDS[name](path, workload, *where, certificates), directory, upstream)


def launch(name, command, directory, upstream):
    """Starts what a command of (directory, port, upstream) says, and waits until it listens."""
    port, log = common.free_port(), directory / (name + ".log")
    process = common.start(command(directory, port, upstream), CPU, log)
    common.await_port(port, process, log)
    return Peer(name, process, port)


def warm_up(peer, title, step, limit):
    """Takes a step of some seconds: once for a native proxy, for a JVM until its compilers are nearly idle or the time is up."""
    begun = time.monotonic()
    while True:
        cpu, compilers = common.cpu_seconds(peer.process.pid), common.compiler_seconds(peer.process.pid)
        step()
        share = common.share(
            common.compiler_seconds(peer.process.pid) - compilers, common.cpu_seconds(peer.process.pid) - cpu)
        took = time.monotonic() - begun
        if share <= common.WARM_SHARE or took + WARM_UP_SLICE > limit:
            print("%s, %s: %.0f s of warm-up%s" % (
                title, peer.name, took, ", compilers take %.0f %%" % (share * 100) if compilers else ""), flush=True)
            return


def compared(measured, values, form):
    """Cells by peer: medians; beside another's how much of it Handfast takes, paired by round."""
    return {peer.name: common.median(values(peer), form) + (
        "" if peer is measured[0] else "; %s ×" % common.middle(ratios(values(measured[0]), values(peer)), "%.2f"))
        for peer in measured}


def ratios(ours, theirs):
    """Each round by itself."""
    return [a / b for a, b in zip(ours, theirs)]


def envoy_file(name, workload, directory, port, upstream, certificates):
    tls = fill("envoy-tls.yaml", alpn=workload.alpn, certificates=certificates) if workload.tls else ""
    return fill(
        "envoy.yaml", directory / (name + ".yaml"), port=port, upstream=upstream, admin=common.free_port(), tls=tls,
        http2=fill("envoy-http2.yaml") if workload.http2 else "")


def handfast(path, workload, directory, port, upstream, certificates):
    config = envoy_file("handfast", workload, directory, port, upstream, certificates)
    return handfast_command(path, config)


def handfast_command(path, config):
    return [path, "proxy", "-c", config, "--concurrency", "1"]


def envoy(path, workload, directory, port, upstream, certificates):
    config = envoy_file("envoy", workload, directory, port, upstream, certificates)
    return envoy_command(path, config)


def envoy_command(path, config):
    return [path, "-c", config, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]


def haproxy(path, workload, directory, port, upstream, certificates):
    bind = "ssl crt %s/server-both.pem ca-file %s/ca.pem verify required alpn %s" % (
        certificates, certificates, workload.alpn) if workload.tls else "proto h2" if workload.http2 else ""
    config = fill("haproxy.cfg", directory / "haproxy.cfg", port=port, upstream=upstream, bind=bind,
                  server="proto h2" if workload.http2 else "")
    return [path, "-db", "-f", config]


def nginx(path, workload, directory, port, upstream, certificates):
    tls = ("ssl_certificate %s/server.pem; ssl_certificate_key %s/server.key; ssl_client_certificate %s/ca.pem; "
           "ssl_verify_client on; ssl_protocols TLSv1.3;" % (certificates, certificates, certificates))
    config = fill(
        "nginx-proxy.conf", directory / "nginx.conf", port=port, upstream=upstream, directory=directory,
        listen="ssl" if workload.tls else "", tls=tls if workload.tls else "")
    return [path, "-c", config, "-e", directory / "nginx.log"]


def client_side(workload, file, port, proxy, certificates):
    """Of the HAProxy that shows a certificate on behalf of a load generator that has none."""
    return fill("client-certificate.cfg", file, port=port, proxy=proxy, certificates=certificates, alpn=workload.alpn)


def nghttpx(path, workload, directory, port, upstream, certificates):
    command = [path, "--conf=/dev/null", "--workers=1", "--single-process", "--backend=127.0.0.1,%d;;proto=h2" % upstream,
               "--frontend=127.0.0.1,%d%s" % (port, "" if workload.tls else ";no-tls")]
    if workload.tls:
        command += ["--no-ocsp", "--verify-client", "--verify-client-cacert=%s/ca.pem" % certificates,
                    "%s/server.key" % certificates, "%s/server.pem" % certificates]
    return command


COMMANDS = {"Handfast": handfast, "Envoy": envoy, "HAProxy": haproxy, "nginx": nginx, "nghttpx": nghttpx}
