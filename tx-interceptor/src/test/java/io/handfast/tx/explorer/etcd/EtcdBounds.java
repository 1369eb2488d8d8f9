package io.handfast.tx.explorer.etcd;

/**
 * How much may go wrong in one history.
 *
 * @param drops messages, or answers, that are lost
 * @param duplicates messages that come twice
 * @param crashes deaths of a sidecar; it may come back as another process
 * @param expiries leases that are lost by sidecars that live: they do not know until they wake
 * @param doubts requests to etcd that nobody answers, carried out or not, now or later
 * @param early timers that run out while other things can happen; none at all if it is negative
 */
record EtcdBounds(int drops, int duplicates, int crashes, int expiries, int doubts, int early) {
  static final EtcdBounds CALM = new EtcdBounds(0, 0, 0, 0, 0, -1);
  static final EtcdBounds EARLY = new EtcdBounds(0, 0, 0, 0, 0, 1);

  EtcdBounds drops(int n) {
    return new EtcdBounds(n, duplicates, crashes, expiries, doubts, early);
  }

  EtcdBounds duplicates(int n) {
    return new EtcdBounds(drops, n, crashes, expiries, doubts, early);
  }

  EtcdBounds crashes(int n) {
    return new EtcdBounds(drops, duplicates, n, expiries, doubts, early);
  }

  EtcdBounds expiries(int n) {
    return new EtcdBounds(drops, duplicates, crashes, n, doubts, early);
  }

  EtcdBounds doubts(int n) {
    return new EtcdBounds(drops, duplicates, crashes, expiries, n, early);
  }

  @Override
  public String toString() {
    String all =
        part(drops, "drop")
            + part(duplicates, "duplicate")
            + part(crashes, "crash")
            + part(expiries, "lost lease")
            + part(doubts, "request in doubt")
            + part(early, "early timer")
            + (early < 0 ? ", no deadline passes" : "");
    return all.isEmpty() ? "no fault" : all.substring(2);
  }

  private static String part(int n, String what) {
    return n <= 0 ? "" : ", " + n + " " + what;
  }
}
