"""PostgreSQL: what a vote by COMMIT costs, and what the sidecar adds to connections that are in no transaction."""
import pathlib
import tempfile

from harness import common
from harness.pg import commits, passing, slow

WORKLOADS = {"commits": commits, "slow": slow, "passing": passing}


def run(options):
    common.build()
    parent = common.HOME / "target"
    parent.mkdir(exist_ok=True)
    for name in options.workloads:
        with tempfile.TemporaryDirectory(prefix="benchmark-", dir=parent) as directory:
            WORKLOADS[name].run(options, pathlib.Path(directory))
