package io.handfast.proxy.postgres.sql;

/**
 * The fast way past a text: says in one pass over its bytes, and without an object, that it is one
 * statement that reads or writes data, that no comment of it names a transaction, and that nothing
 * in it is in PREPARE's way as far as {@link SqlScript} could tell. May say no where that is so
 * too.
 */
public final class SqlGlance {
  private SqlGlance() {}

  /**
   * Whether the text is one statement of data, and nothing more.
   *
   * @param text holds the bytes between {@code from} and {@code to}, without the NUL that ends them
   */
  public static boolean isPlain(byte[] text, int from, int to) {
    return false;
  }
}
