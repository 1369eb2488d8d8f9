package io.handfast.proxy.crash.participation;

/** How a service takes part; each has a path of its own. */
enum Mode {
  DATABASE("/database", "/bookings"),
  CALLBACK("/callback", "/reservations"),
  /** As CALLBACK, and what confirms it is known when it has answered. */
  RECORDED("/recorded/callback", "/reservations"),
  READ_ONLY("/read-only", "/balance"),
  /** As DATABASE, and nothing is written. */
  LOOK("/database", "/look");

  private final String prefix;
  private final String thing;

  Mode(String prefix, String thing) {
    this.prefix = prefix;
    this.thing = thing;
  }

  /** Of an order, with which a transaction begins. */
  String orders() {
    return prefix + "/orders";
  }

  String path() {
    return prefix + thing;
  }

  /** Whether its sidecar asks it to confirm or to cancel. */
  boolean completes() {
    return this == CALLBACK || this == RECORDED;
  }

  String method() {
    return this == READ_ONLY || this == LOOK ? "GET" : "POST";
  }
}
