/* Loaded before libc: each fsync and fdatasync takes at least HANDFAST_SLOW_SYNC_US microseconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static int slowly(const char *name, int fd) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  const char *least = getenv("HANDFAST_SLOW_SYNC_US");
  until.tv_nsec += (least == NULL ? 0 : atol(least)) * 1000L;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = real(fd);
  int error = errno;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
  errno = error;
  return result;
}

int fsync(int fd) { return slowly("fsync", fd); }

int fdatasync(int fd) { return slowly("fdatasync", fd); }
