"""Transactions: what they cost at each sidecar, and beside other coordinators."""
import pathlib
import tempfile

from harness import common
from harness.tx import bank, commits, forces, latency, slow

WORKLOADS = {"forces": forces, "slow": slow, "latency": latency, "commits": commits, "bank": bank}
DEFAULT = ["forces", "slow", "latency", "commits"]


def run(options):
    common.build()
    parent = common.HOME / "target"
    parent.mkdir(exist_ok=True)
    for name in options.workloads:
        with tempfile.TemporaryDirectory(prefix="benchmark-", dir=parent) as directory:
            WORKLOADS[name].run(options, pathlib.Path(directory))
