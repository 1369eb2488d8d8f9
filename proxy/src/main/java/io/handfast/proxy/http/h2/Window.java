package io.handfast.proxy.http.h2;

/**
 * What a peer may send to us, on a stream or on the connection. Window is given back for what was
 * taken, once that is half of it: fewer frames, and a peer is never stopped that is being read.
 */
final class Window {
  /** Of a connection that streams of many clients share: so many windows may wait to be taken. */
  private static final int HELD_WINDOWS = 4;

  private final int size;
  private final int held;
  private int open;
  private int taken;

  /** What has come and nobody has taken. */
  private int waiting;

  /** What the window is still to be opened by for it. */
  private int withheld;

  /** A window that is given back as its bytes are taken. */
  Window(int size) {
    this(size, 0);
  }

  private Window(int size, int held) {
    this.size = size;
    this.held = held;
    this.open = size;
  }

  /**
   * A window that is given back as bytes come, so that those who do not take theirs stop nobody
   * else; beyond {@link #HELD_WINDOWS} that wait, as they are taken.
   */
  static Window shared(int size) {
    return new Window(size, (int) Math.min(Integer.MAX_VALUE, (long) HELD_WINDOWS * size));
  }

  int size() {
    return size;
  }

  /** So much has come; false if that was more than was allowed. */
  boolean receive(int bytes) {
    open -= bytes;
    return open >= 0;
  }

  /**
   * So much waits to be taken.
   *
   * @return by how much to open the window now; 0: not yet
   */
  int hold(int bytes) {
    int room = Math.clamp((long) held - (waiting - withheld), 0, bytes);
    waiting += bytes;
    withheld += bytes - room;
    return take(room);
  }

  /**
   * So much of what waited was taken.
   *
   * @return by how much to open the window now; 0: not yet
   */
  int letGo(int bytes) {
    waiting -= bytes;
    int back = Math.clamp((long) held - (waiting - withheld), 0, withheld);
    withheld -= back;
    return take(back);
  }

  /**
   * So much was taken.
   *
   * @return by how much to open the window now; 0: not yet
   */
  int take(int bytes) {
    taken += bytes;
    if (taken < size / 2 || taken == 0) {
      return 0;
    }
    int increment = taken;
    taken = 0;
    open += increment;
    return increment;
  }
}
