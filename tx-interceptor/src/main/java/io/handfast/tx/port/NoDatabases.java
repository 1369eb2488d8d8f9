package io.handfast.tx.port;

import io.handfast.tx.core.Outcome;
import java.util.Set;
import java.util.function.Consumer;

/** Of a sidecar without databases. Immutable. */
public final class NoDatabases implements Databases {

  /** The only one: it has no state. */
  public static final NoDatabases INSTANCE = new NoDatabases();

  private static final String NONE = "no database of that name is configured";

  private NoDatabases() {}

  @Override
  public Set<String> names() {
    return Set.of();
  }

  @Override
  public void commit(String database, String globalIdPrefix, long xid, Consumer<Completed> reply) {
    reply.accept(new Completed.Failed(database + ": " + NONE));
  }

  @Override
  public void rollback(
      String database, String globalIdPrefix, long xid, Consumer<Completed> reply) {
    reply.accept(new Completed.Failed(database + ": " + NONE));
  }

  @Override
  public void became(
      String database,
      String globalIdPrefix,
      long xid,
      Outcome outcome,
      Consumer<Completed> reply) {
    reply.accept(new Completed.Failed(database + ": " + NONE));
  }

  @Override
  public void prepared(String database, Consumer<Scan> reply) {
    reply.accept(new Scan.Failed(database + ": " + NONE));
  }

  @Override
  public void check(String database, Consumer<Readiness> reply) {
    reply.accept(new Readiness(false, database + ": " + NONE));
  }
}
