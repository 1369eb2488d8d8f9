package io.handfast.proxy.http.h2;

/**
 * What a peer may send to us, on a stream or on the connection. Window is given back for what was
 * taken, once that is half of it: fewer frames, and a peer is never stopped that is being read.
 */
final class Window {
  private final int size;
  private int open;
  private int taken;

  Window(int size) {
    this.size = size;
    this.open = size;
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
