"""Small disks for journals, and a library with which fsync fails."""
import os
import subprocess

from harness.chaos import bank as banks

MIB = 1 << 20
DISK_MIB = 160  # what is kept in reserve, two segments and a checkpoint fit with room to spare
TIGHT_MIB = 16  # less than what is kept in reserve for decisions and ends
BALLAST = "ballast"
STEP = 64 << 10


def mount(directory, names):
    """A small disk of its own below the journal of each; those that got one."""
    mounted = []
    for name in names:
        disk, journal = directory / ("disk-" + name), directory / "state" / name
        disk.mkdir()
        journal.mkdir(parents=True)
        if not _mount("-t", "tmpfs", "-o", "size=%dm" % DISK_MIB, "chaos", disk):
            break
        (disk / "journal").mkdir(mode=0o700)
        if not _mount("--bind", disk / "journal", journal):
            break
        mounted.append(name)
    return mounted


def _mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True).returncode == 0


def fill(disk, left):
    """Takes all space but so many bytes, and what the journal takes at the same time."""
    with open(disk / BALLAST, "wb") as ballast:
        space = os.statvfs(disk)
        size = space.f_bavail * space.f_frsize - left
        while size > 0:
            try:
                os.posix_fallocate(ballast.fileno(), 0, size)
                return
            except OSError:
                size -= STEP


def empty(disk):
    (disk / BALLAST).unlink(missing_ok=True)


def failing_sync(directory):
    """The library, or None without a C compiler."""
    library = directory / "failing_sync.so"
    try:
        done = subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-o", library, banks.SOURCES / "failing_sync.c", "-ldl"],
            capture_output=True)
    except OSError:
        return None
    return library if done.returncode == 0 else None
