package io.handfast.proxy.crash;

/** What a journal's disk does wrong, woven into the sidecar as the crash points are. */
enum DiskFault {
  /** Nothing can be made durable: {@code fdatasync} fails. */
  FORCE_FAILS("FileDisk$RealFile", "force"),
  /** Nothing can be written. */
  WRITE_FAILS("FileDisk$RealFile", "write"),
  /** A disk that cannot say how much it has left is trusted with nothing new. */
  HAS_NO_SPACE("FileDisk", "usableBytes");

  private final String type;
  private final String method;

  DiskFault(String type, String method) {
    this.type = "io.handfast.tx.journal.disk." + type;
    this.method = method;
  }

  /** Where it is woven in. */
  CrashPoint point() {
    return CrashPoint.entry(type, method);
  }
}
