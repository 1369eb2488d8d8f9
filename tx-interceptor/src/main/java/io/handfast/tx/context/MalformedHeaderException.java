package io.handfast.tx.context;

/**
 * A header is not what it has to be. Its message is for the sender: {@code name: value (expected:
 * …)}, the value shortened and escaped. Without a stack trace, for any peer can cause it.
 */
public final class MalformedHeaderException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Characters of the value that are shown. */
  private static final int SHOWN = 80;

  private final String header;

  MalformedHeaderException(String header, String found, String expected) {
    super(header + ": " + show(found) + " (expected: " + expected + ")", null, false, false);
    this.header = header;
  }

  /** Name of the header, in lower case. */
  public String header() {
    return header;
  }

  private static String show(String found) {
    StringBuilder out = new StringBuilder(SHOWN + 8);
    int end = Math.min(found.length(), SHOWN);
    for (int i = 0; i < end; i++) {
      char c = found.charAt(i);
      if (c >= ' ' && c < 0x7f && c != '\\') {
        out.append(c);
      } else {
        out.append("\\u").append(String.format("%04x", (int) c));
      }
    }
    if (found.length() > SHOWN) {
      out.append("… (").append(found.length()).append(" characters)");
    }
    return out.isEmpty() ? "(empty)" : out.toString();
  }
}
