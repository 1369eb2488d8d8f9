package io.handfast.tx.journal;

/** Told what concerns the journal as a whole, on the executor of {@link JournalRuntime}. */
@FunctionalInterface
public interface JournalListener {

  /** The journal has stopped for good: readiness goes false. Told once. */
  void onStopped(JournalFailure failure);
}
