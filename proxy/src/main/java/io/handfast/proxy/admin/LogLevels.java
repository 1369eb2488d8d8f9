package io.handfast.proxy.admin;

import java.util.Map;

/** Levels of the log, which can be changed while the proxy runs. Thread-safe. */
public interface LogLevels {

  /** Names of components and their levels, sorted. */
  Map<String, String> levels();

  /**
   * Sets every component.
   *
   * @throws IllegalArgumentException if there is no such level
   */
  void setAll(String level);

  /**
   * Sets one component.
   *
   * @throws IllegalArgumentException if there is no such component or level
   */
  void set(String component, String level);
}
