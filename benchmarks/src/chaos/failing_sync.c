/* Loaded before libc: fsync and fdatasync fail with EIO while the file exists that HANDFAST_FAIL_SYNC names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int failing(void) {
  const char *file = getenv("HANDFAST_FAIL_SYNC");
  int before = errno;
  int there = file != NULL && access(file, F_OK) == 0;
  errno = before;
  return there;
}

int fsync(int fd) {
  if (failing()) {
    errno = EIO;
    return -1;
  }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return real(fd);
}

int fdatasync(int fd) {
  if (failing()) {
    errno = EIO;
    return -1;
  }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return real(fd);
}
