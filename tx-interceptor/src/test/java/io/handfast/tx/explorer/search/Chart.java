package io.handfast.tx.explorer.search;

import java.util.ArrayList;
import java.util.List;

/**
 * A sequence chart in text: a column for each who takes part, time goes down. {@link #NONE} draws
 * nothing and costs nothing.
 */
public final class Chart {
  public static final Chart NONE = new Chart(List.of(), false);

  private static final int WIDTH = 34;

  private final List<String> columns;
  private final boolean on;
  private final List<String> lines = new ArrayList<>();

  private Chart(List<String> columns, boolean on) {
    this.columns = columns;
    this.on = on;
  }

  public static Chart of(List<String> columns) {
    return new Chart(columns, true);
  }

  /** Whether it draws: what is not drawn need not be worded. */
  public boolean isOn() {
    return on;
  }

  /** A message that arrives, or one that does not. */
  public void arrow(int from, int to, String label, boolean lost) {
    if (!on) {
      return;
    }
    StringBuilder line = lifelines();
    int start = at(Math.min(from, to)) + 1;
    int end = at(Math.max(from, to));
    for (int i = start; i < end; i++) {
      line.setCharAt(i, '-');
    }
    boolean right = to > from;
    line.setCharAt(right ? end - 1 : start, lost ? 'x' : right ? '>' : '<');
    String text = " " + label + (lost ? " (lost) " : " ");
    int room = Math.min(text.length(), end - start - 4);
    int textAt = start + 2;
    line.replace(textAt, textAt + room, text.substring(0, room));
    lines.add(line.toString().stripTrailing());
  }

  /** What happens at one place. */
  public void note(int column, String label) {
    if (!on) {
      return;
    }
    StringBuilder line = lifelines();
    int start = at(column);
    line.setLength(start);
    line.append("* ").append(label);
    StringBuilder rest = lifelines();
    if (line.length() < rest.length()) {
      line.append(rest, line.length(), rest.length());
    }
    lines.add(line.toString().stripTrailing());
  }

  private StringBuilder lifelines() {
    StringBuilder line = new StringBuilder(" ".repeat(at(columns.size() - 1) + WIDTH));
    for (int i = 0; i < columns.size(); i++) {
      line.setCharAt(at(i), '|');
    }
    return line;
  }

  private static int at(int column) {
    return 2 + column * WIDTH;
  }

  @Override
  public String toString() {
    StringBuilder head = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      head.append(columns.get(i));
      head.append(" ".repeat(Math.max(1, at(i + 1) - 2 - head.length())));
    }
    return head.toString().stripTrailing() + "\n" + String.join("\n", lines);
  }
}
