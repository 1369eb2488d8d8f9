package io.handfast.tx.engine;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.port.Databases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A database in memory that prepares transactions, and outlives every sidecar. Its faults are
 * fields; what it is asked comes after one hop and is answered after another.
 */
final class FakeDatabase {
  static final Duration SCANS = Duration.ofSeconds(10);

  private record Kept(long xid, long sinceMs) {}

  private final VirtualTime time;
  private final Map<String, Kept> prepared = new LinkedHashMap<>();
  private final Map<Long, String> ended = new HashMap<>();
  private long nextXid = 700;

  /** Names of those that were committed, or rolled back, from another connection. */
  final List<String> committed = new ArrayList<>();

  final List<String> rolledBack = new ArrayList<>();

  /** By what names it was asked to end something. */
  final List<String> asked = new ArrayList<>();

  /** Whether nobody can connect. */
  boolean down;

  /** Whether scans show nothing, though something is prepared. */
  boolean hides;

  /** Whether more is prepared than a scan shows. */
  boolean full;

  /** Replies that are lost from now on, though what was asked is done. */
  int losesReplies;

  /** What it is called in the configuration of sidecars: one server may have several names. */
  Set<String> names = Set.of("bank");

  /** Why it cannot prepare; empty if it can. */
  String cannotPrepare = "";

  FakeDatabase(VirtualTime time) {
    this.time = time;
  }

  long begin() {
    return nextXid++;
  }

  void prepare(String globalId, long xid) {
    prepared.put(globalId, new Kept(xid, time.nowMs()));
  }

  /** The connection of a block ends before COMMIT. */
  void abort(long xid) {
    ended.put(xid, "aborted");
  }

  Set<String> prepared() {
    return prepared.keySet();
  }

  /** Somebody at psql. */
  void rollbackByHand(String globalId) {
    end(prepared.remove(globalId), "aborted");
  }

  private void end(@Nullable Kept kept, String how) {
    if (kept != null) {
      ended.put(kept.xid(), how);
    }
  }

  Databases of(VirtualTime.Node loop) {
    return new Connection(loop);
  }

  private Databases.Completed end(String prefix, long xid, String how) {
    if (down) {
      return new Databases.Completed.Failed("connection refused");
    }
    asked.add(prefix);
    String found =
        prepared.keySet().stream().filter(it -> it.startsWith(prefix)).findFirst().orElse(null);
    if (found != null) {
      end(prepared.remove(found), how);
      ("committed".equals(how) ? committed : rolledBack).add(found);
    }
    if (losesReplies > 0) {
      losesReplies--;
      return new Databases.Completed.Failed("connection reset");
    }
    return judge(xid, how);
  }

  private Databases.Completed became(String prefix, long xid, String how) {
    if (down) {
      return new Databases.Completed.Failed("connection refused");
    }
    return prepared.keySet().stream().anyMatch(it -> it.startsWith(prefix))
        ? new Databases.Completed.Failed("is prepared")
        : judge(xid, how);
  }

  private Databases.Completed judge(long xid, String how) {
    String status = ended.getOrDefault(xid, "in progress");
    return switch (status) {
      case "in progress" -> new Databases.Completed.Failed("xid " + xid + " is in progress");
      default ->
          status.equals(how)
              ? new Databases.Completed.Done()
              : new Databases.Completed.Contradicted("pg_xact_status says " + status);
    };
  }

  private final class Connection implements Databases {
    private final VirtualTime.Node loop;

    Connection(VirtualTime.Node loop) {
      this.loop = loop;
    }

    @Override
    public Set<String> names() {
      return names;
    }

    @Override
    public Duration scanInterval(String database) {
      return SCANS;
    }

    @Override
    public void commit(String database, String prefix, long xid, Consumer<Completed> reply) {
      loop.schedule(Mesh.HOP_NANOS, () -> later(reply, end(prefix, xid, "committed")));
    }

    @Override
    public void rollback(String database, String prefix, long xid, Consumer<Completed> reply) {
      loop.schedule(Mesh.HOP_NANOS, () -> later(reply, end(prefix, xid, "aborted")));
    }

    @Override
    public void became(
        String database, String prefix, long xid, Outcome outcome, Consumer<Completed> reply) {
      String how = outcome == Outcome.COMMIT ? "committed" : "aborted";
      loop.schedule(Mesh.HOP_NANOS, () -> later(reply, FakeDatabase.this.became(prefix, xid, how)));
    }

    @Override
    public void prepared(String database, Consumer<Scan> reply) {
      loop.schedule(Mesh.HOP_NANOS, () -> later(reply, scan()));
    }

    @Override
    public void check(String database, Consumer<Readiness> reply) {
      String why = down ? "connection refused" : cannotPrepare;
      loop.schedule(Mesh.HOP_NANOS, () -> later(reply, new Readiness(why.isEmpty(), why)));
    }

    private Scan scan() {
      if (down) {
        return new Scan.Failed("connection refused");
      }
      return new Scan.Found(
          prepared.entrySet().stream()
              .filter(it -> !hides)
              .map(it ->
                  new Prepared(
                      it.getKey(), Duration.ofMillis(time.nowMs() - it.getValue().sinceMs())))
              .toList(),
          !full);
    }

    private <T> void later(Consumer<T> reply, T said) {
      loop.schedule(Mesh.HOP_NANOS, () -> reply.accept(said));
    }
  }
}
