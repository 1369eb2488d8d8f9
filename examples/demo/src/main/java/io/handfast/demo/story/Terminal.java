package io.handfast.demo.story;

import java.io.Console;
import java.io.PrintStream;
import java.util.regex.Pattern;

/**
 * Writes for people: paragraphs wrapped to a width, and colours where a terminal shows them.
 * Thread-safe; silent once it is muted.
 */
public final class Terminal {
  private static final int WIDTH = 100;
  private static final Pattern SPACES = Pattern.compile(" +");

  private final PrintStream out;
  private final boolean colours;
  private boolean muted;

  Terminal(PrintStream out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  /** Colours only for a terminal that is there and wants them (no-color.org). */
  @SuppressWarnings("SystemConsoleNull") // JDK 25's own console is null without a terminal again.
  public static Terminal standard() {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal() && System.getenv("NO_COLOR") == null;
    return new Terminal(System.out, terminal);
  }

  public synchronized void line(String text) {
    if (!muted) {
      out.println(text);
      out.flush();
    }
  }

  /** Wraps the text, each line indented. */
  synchronized void paragraph(int indent, String text) {
    String margin = " ".repeat(indent);
    StringBuilder line = new StringBuilder(margin);
    for (String word : SPACES.splitAsStream(text).toList()) {
      if (line.length() > indent && line.length() + word.length() + 1 > WIDTH) {
        line(line.toString());
        line.setLength(0);
        line.append(margin);
      }
      line.append(line.length() > indent ? " " : "").append(word);
    }
    line(line.toString());
  }

  /** Nothing more is said: what follows is only the noise of things being torn down. */
  public synchronized void mute() {
    muted = true;
  }

  public synchronized boolean isMuted() {
    return muted;
  }

  String bold(String text) {
    return coloured("1", text);
  }

  String dim(String text) {
    return coloured("2", text);
  }

  String good(String text) {
    return coloured("32", text);
  }

  public String bad(String text) {
    return coloured("31;1", text);
  }

  private String coloured(String code, String text) {
    return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
