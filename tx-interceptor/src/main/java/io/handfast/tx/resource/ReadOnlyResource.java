package io.handfast.tx.resource;

/** A service without effects: its branch votes read-only and drops out. */
public final class ReadOnlyResource implements Resource {

  /** The mode's name in votes and records. */
  public static final String MODE = "read-only";

  /** The only one: it has no state. */
  public static final ReadOnlyResource INSTANCE = new ReadOnlyResource();

  private ReadOnlyResource() {}

  @Override
  public String mode() {
    return MODE;
  }

  /** What a safe method writes all the same takes part (T11). */
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
    throw new IllegalStateException("read-only branch: there is nothing to complete");
  }
}
