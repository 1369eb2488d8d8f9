"""The same where a force is dear, as on disks of a network: who waits for it is not who is short of processors."""
from harness.pg import commits
from harness.tx import slow

PATHS = {name: commits.PATHS[name] for name in (commits.WAITING, commits.HAND, commits.BARE, commits.NONE)}


def run(options, directory):
    environment = slow.slow_disk(directory)
    if environment is not None:
        commits.measure(
            options, directory, ", a force takes %g ms" % (slow.FORCE_US / 1e3), environment, PATHS, {})
