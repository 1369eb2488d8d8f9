package io.handfast.tx.resource;

/**
 * The service's own COMMIT on its database connection is its vote (mode {@code database}): each
 * block of SQL that writes is a branch of its own, below that of the service, which has nothing to
 * undo and nothing to confirm beside. So it keeps no record, and votes {@code read-only} itself.
 */
public final class DatabaseResource implements Resource {

  /** The mode's name in votes and records. */
  public static final String MODE = "database";

  /** The only one: it has no state. */
  public static final DatabaseResource INSTANCE = new DatabaseResource();

  private DatabaseResource() {}

  @Override
  public String mode() {
    return MODE;
  }

  @Override
  public boolean takesBlocks() {
    return true;
  }

  @Override
  public boolean needsRequestBody() {
    return false;
  }

  @Override
  public boolean needsAnswer() {
    return false;
  }

  @Override
  public boolean prepares() {
    return false;
  }

  @Override
  public boolean overlapped() {
    return false;
  }

  @Override
  public Begin begin(TryFacts facts) {
    return new ReadOnly();
  }

  @Override
  public Answered answered(TryFacts facts) {
    throw new IllegalStateException("database branch: its blocks complete it");
  }
}
