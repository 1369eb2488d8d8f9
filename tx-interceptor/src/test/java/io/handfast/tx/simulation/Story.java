package io.handfast.tx.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What happened in a run, in words; only where somebody will read it. Confined to the world. */
final class Story {
  /** Told to nobody: costs nothing. */
  static final Story UNTOLD = new Story(false);

  /** How the line of a fault begins. */
  static final String FAULT = "!! ";

  private final boolean told;
  private final List<String> lines = new ArrayList<>();

  private Story(boolean told) {
    this.told = told;
  }

  static Story told() {
    return new Story(true);
  }

  void tell(Supplier<String> line) {
    if (told) {
      lines.add(line.get());
    }
  }

  /** How many faults there were. */
  long faults() {
    return lines.stream().filter(line -> line.startsWith(FAULT)).count();
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
