"""Small disks for journals, and a library with which fsync fails."""
import os
import subprocess

from harness.chaos import bank as banks

MIB = 1 << 20
DISK_MIB = 160  # what is kept in reserve, two segments and a checkpoint fit with room to spare
TIGHT_MIB = 16  # less than what is kept in reserve for decisions and ends
BALLAST = "ballast"
STEP = 64 << 10
PAGE = 4096
AHEAD = MIB  # of zeros, at most, that a journal allocates


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


def take_back(journal):
    """Takes the zeros back that a journal has allocated ahead of its end, while nobody writes to it.

    So does a disk that copies on write, or promises more than it has: what is allocated is no room.
    """
    newest = newest_of(journal)
    end, size = page_end(end_of(newest)), newest.stat().st_size
    if end < size:
        subprocess.run(["fallocate", "--punch-hole", "--offset", str(end), "--length", str(size - end), newest],
                       check=True, capture_output=True)


def room_in_page(journal):
    """How many bytes the journal can append before it needs another page."""
    end = end_of(newest_of(journal))
    return page_end(end) - end


def newest_of(journal):
    return max(journal.glob("*.seg"))


def end_of(segment):
    """Behind the last byte that is not 0."""
    with open(segment, "rb") as file:
        start = max(0, file.seek(0, os.SEEK_END) - AHEAD - PAGE)
        file.seek(start)
        return start + len(file.read().rstrip(b"\0"))


def page_end(at):
    return -(-at // PAGE) * PAGE


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
