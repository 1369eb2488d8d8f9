package io.handfast.proxy.postgres.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this connection's names stand for: prepared statements, of Parse and of PREPARE alike, and
 * portals. Changes are made when the client asks for them, and undone if the server skips them.
 */
final class Names {
  /**
   * Names of each kind: pgjdbc keeps 256 statements, psycopg 100. One beyond is not remembered, and
   * so refused where it would matter.
   */
  static final int MAX = 65_536;

  private final Map<String, Prepared> statements = new HashMap<>();
  private final Map<String, Prepared> portals = new HashMap<>();

  Prepared statement(String name) {
    return statements.getOrDefault(name, Prepared.UNKNOWN);
  }

  Prepared portal(String name) {
    return portals.getOrDefault(name, Prepared.UNKNOWN);
  }

  /** Gives what takes it back. */
  Runnable parse(String name, Prepared statement) {
    return put(statements, name, statement);
  }

  Runnable bind(String portal, Prepared statement) {
    return put(portals, portal, statement);
  }

  Runnable closeStatement(String name) {
    return put(statements, name, null);
  }

  Runnable closePortal(String name) {
    return put(portals, name, null);
  }

  /** DEALLOCATE ALL, DISCARD ALL. */
  void forget() {
    statements.keySet().removeIf(name -> !name.isEmpty());
  }

  /** No portal outlives its transaction. */
  void endPortals() {
    portals.clear();
  }

  private static Runnable put(Map<String, Prepared> map, String name, @Nullable Prepared value) {
    Prepared before = map.get(name);
    set(map, name, value);
    return () -> set(map, name, before);
  }

  private static void set(Map<String, Prepared> map, String name, @Nullable Prepared value) {
    if (value == null || (map.size() >= MAX && !map.containsKey(name))) {
      map.remove(name);
    } else {
      map.put(name, value);
    }
  }
}
