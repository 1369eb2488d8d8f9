package io.handfast.proxy.postgres.session;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this connection's names stand for: prepared statements, of Parse and of PREPARE alike, and
 * portals. Changes are made when the client asks for them, and undone if the server skips them.
 *
 * <p>What a statement was that the client has given back is kept for a while: who uses it all the
 * same is to be told by the server that it is gone, as drivers expect who then parse it again, and
 * if the server did not give it back it is what it was.
 */
final class Names {
  /**
   * Names of each kind: pgjdbc keeps 256 statements, psycopg 100. One beyond is not remembered, and
   * so refused where it would matter.
   */
  static final int MAX = 65_536;

  /** Names that were given back. */
  private static final int MAX_GONE = 1_024;

  private final Map<String, Prepared> statements = new HashMap<>();
  private final Map<String, Prepared> gone =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Prepared> eldest) {
          return size() > MAX_GONE;
        }
      };
  private final Map<String, Prepared> portals = new HashMap<>();

  Prepared statement(String name) {
    Prepared known = statements.get(name);
    return known == null ? gone.getOrDefault(name, Prepared.UNKNOWN) : known;
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
    Prepared before = statements.get(name);
    if (before != null) {
      giveBack(name, before);
    }
    return put(statements, name, null);
  }

  Runnable closePortal(String name) {
    return put(portals, name, null);
  }

  /** DEALLOCATE ALL, DISCARD ALL. */
  void forget() {
    statements.forEach(this::giveBack);
    statements.keySet().removeIf(name -> !name.isEmpty());
  }

  private void giveBack(String name, Prepared statement) {
    if (!name.isEmpty()) {
      gone.remove(name); // the newest is forgotten last
      gone.put(name, statement);
    }
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
