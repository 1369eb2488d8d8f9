package io.handfast.proxy.crash;

/**
 * A place in the code at which a process can be made to die: where a method, in all of its
 * overloads, begins or returns. Immutable.
 *
 * @param type binary name of the class that declares the method
 * @param entry before the method's first instruction; otherwise before each of its returns
 */
public record CrashPoint(String type, String method, boolean entry) {

  public static CrashPoint entry(String type, String method) {
    return new CrashPoint(type, method, true);
  }

  public static CrashPoint exit(String type, String method) {
    return new CrashPoint(type, method, false);
  }

  static CrashPoint parse(String text) {
    int hash = text.indexOf('#');
    int colon = text.indexOf(':', hash + 1);
    String where = colon < 0 ? "" : text.substring(colon + 1);
    if (hash < 1 || colon == hash + 1 || !(where.equals("entry") || where.equals("exit"))) {
      throw new IllegalArgumentException(
          "crash point: " + text + " (expected: CLASS#METHOD:entry|exit)");
    }
    return new CrashPoint(
        text.substring(0, hash), text.substring(hash + 1, colon), where.equals("entry"));
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return type + "#" + method + (entry ? ":entry" : ":exit");
  }
}
