package io.handfast.proxy.postgres.session;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this connection's names stand for: prepared statements, of Parse and of PREPARE alike, and
 * portals. Changes are made when the client asks for them, and undone if the server skips them.
 *
 * <p>What a statement was that the client has given back is kept for a while, and so is what a
 * portal was that ended with its transaction: who uses it all the same is to be told by the server
 * that it is gone, as drivers expect who then parse it again, and if it is not gone it is what it
 * was. Only a portal that ends a block ends none a second time.
 */
final class Names {
  /**
   * Names of each kind: pgjdbc keeps 256 statements, psycopg 100. One beyond is not remembered, and
   * so refused where it would matter.
   */
  static final int MAX = 65_536;

  /** Names of statements that were given back. */
  private static final int MAX_GONE = 1_024;

  /** Names of portals that have ended: drivers give each name once. */
  private static final int MAX_ENDED = 64;

  private final Map<String, Entry> statements = new HashMap<>();
  private final Map<String, Prepared> gone = newest(MAX_GONE);
  private final Map<String, Entry> portals = new HashMap<>();
  private final Map<String, Prepared> ended = newest(MAX_ENDED);

  private static Map<String, Prepared> newest(int max) {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Prepared> eldest) {
        return size() > max;
      }
    };
  }

  /** What one request made of a name. */
  private static final class Entry {
    private final Prepared prepared;
    private boolean undone;

    /** What stands in its place once it is undone; null: nothing. */
    private @Nullable Entry before;

    private Entry(Prepared prepared) {
      this.prepared = prepared;
    }
  }

  Prepared statement(String name) {
    Entry known = statements.get(name);
    return known == null ? gone.getOrDefault(name, Prepared.UNKNOWN) : known.prepared;
  }

  Prepared portal(String name) {
    Entry known = portals.get(name);
    return known == null ? ended.getOrDefault(name, Prepared.UNKNOWN) : known.prepared;
  }

  /** Whether it was COMMIT or ROLLBACK, and has ended itself: none outlives what it ends. */
  boolean hasEnded(String portal) {
    Prepared was = portals.containsKey(portal) ? null : ended.get(portal);
    return was != null && was.ends();
  }

  /** Gives what takes it back. */
  Runnable parse(String name, Prepared statement) {
    return put(statements, gone, name, statement);
  }

  Runnable bind(String portal, Prepared statement) {
    return put(portals, ended, portal, statement);
  }

  Runnable closeStatement(String name) {
    giveBack(gone, name, statements.get(name));
    return put(statements, gone, name, null);
  }

  Runnable closePortal(String name) {
    giveBack(ended, name, portals.get(name));
    return put(portals, ended, name, null);
  }

  /** DEALLOCATE ALL, DISCARD ALL. */
  void forget() {
    statements.forEach((name, statement) -> giveBack(gone, name, statement));
    statements.keySet().removeIf(name -> !name.isEmpty());
  }

  private static void giveBack(Map<String, Prepared> to, String name, @Nullable Entry given) {
    if (given != null && !name.isEmpty()) {
      to.remove(name); // the newest is forgotten last
      to.put(name, given.prepared);
    }
  }

  /** No portal outlives its transaction. */
  void endPortals() {
    portals.forEach((name, portal) -> giveBack(ended, name, portal));
    portals.clear();
  }

  /** Gives what takes it back. */
  Runnable endPortalsUnlessSkipped() {
    Map<String, Entry> were = Map.copyOf(portals);
    endPortals();
    return () -> were.forEach(portals::putIfAbsent);
  }

  /** What takes it back leaves what a later pipeline has made of the name. */
  private static Runnable put(
      Map<String, Entry> map, Map<String, Prepared> before, String name, @Nullable Prepared value) {
    Entry replaced = map.get(name);
    Entry made = value == null ? null : new Entry(value);
    set(map, before, name, made);
    return () -> {
      if (made != null) {
        made.undone = true;
        made.before = replaced;
      }
      if (map.get(name) == made) {
        set(map, before, name, standing(replaced));
      }
    };
  }

  private static @Nullable Entry standing(@Nullable Entry entry) {
    Entry standing = entry;
    while (standing != null && standing.undone) {
      standing = standing.before;
    }
    return standing;
  }

  private static void set(
      Map<String, Entry> map, Map<String, Prepared> before, String name, @Nullable Entry value) {
    if (value == null) {
      map.remove(name);
    } else if (map.size() < MAX || map.containsKey(name)) {
      map.put(name, value);
    } else {
      before.remove(name); // it is something else now, which is not remembered
    }
  }
}
