package io.handfast.proxy.transparency;

import java.util.List;

/** One end of one exchange, on a connection of its own. A read that takes too long throws. */
interface Party extends AutoCloseable {

  /**
   * What still came of a message.
   *
   * @param trailers each as {@code name: value}
   * @param reset whether it broke off
   */
  record Rest(String body, List<String> trailers, boolean reset) {}

  /**
   * Sends a head: names and values, pseudo-header fields among them. A message that goes on and has
   * no {@code content-length} is chunked in HTTP/1.1.
   */
  void send(boolean end, String... fields);

  void data(String text);

  /** Ends what was begun; in a tunnel, this direction. */
  void end();

  void trailers(String... fields);

  /** Breaks off. */
  void reset();

  /** The next head, also one of 1xx. */
  Head head();

  /** So many bytes of what follows the head. */
  String read(int count);

  Rest rest();

  /** There are only bytes any more. */
  void tunnel();

  @Override
  void close();
}
