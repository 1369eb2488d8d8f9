package io.handfast.tx.resource;

import io.handfast.transaction.v1.Completion;
import org.jspecify.annotations.Nullable;

/**
 * How the service behind a route takes part in a transaction: one mode of participation, compiled
 * from its configuration. Immutable and thread-safe; no I/O: it says which requests confirm and
 * cancel a branch, the engine records and sends them.
 */
public interface Resource {

  /**
   * The mode's name in votes and records: {@code callback}, {@code database}, {@code read-only}.
   */
  String mode();

  /** Whether {@link #begin} needs the request's JSON body, of at most 64 KiB. */
  boolean needsRequestBody();

  /** Whether {@link #answered} needs the answer, with its JSON body of at most 64 KiB. */
  boolean needsAnswer();

  /** Whether the service has to be asked to prepare, when all others have voted. */
  boolean prepares();

  /** Milliseconds that the service may take to prepare; 0 where it does not have to be asked. */
  default long prepareTimeoutMs() {
    return 0;
  }

  /** Whether the service may work while BEGUN is being forced. */
  boolean overlapped();

  /** Whether any replica of the service may end a branch of one that is lost (T19). */
  default boolean equivalentReplicas() {
    return false;
  }

  /**
   * Whether blocks of SQL of the service are branches below its own. Else they are its own affair:
   * their COMMIT is a COMMIT.
   */
  default boolean takesBlocks() {
    return false;
  }

  /** What the mode knows before the service sees the request; {@code facts} have no answer. */
  Begin begin(TryFacts facts);

  /**
   * The requests that complete a branch, now that the service has answered with success. Called
   * only where {@link Began#complete} was false.
   */
  Answered answered(TryFacts facts);

  /** What {@link #begin} found. */
  sealed interface Begin {}

  /** Nothing to undo and nothing to confirm. */
  record ReadOnly() implements Begin {}

  /**
   * The branch can be undone.
   *
   * @param confirm makes it final; null where fields of the answer are needed
   * @param cancel undoes it without any field of the answer; null where the configuration takes the
   *     risk that a Try whose answer was lost is never undone
   * @param prepare asks the service to prepare; null where nothing does, or fields of the answer
   *     are needed
   * @param complete nothing of the answer is needed: BEGUN is the branch record
   */
  record Began(
      @Nullable Completion confirm,
      @Nullable Completion cancel,
      @Nullable Completion prepare,
      boolean complete)
      implements Begin {}

  /**
   * A placeholder has no value: the Try is refused.
   *
   * @param reason a sentence for people, naming the placeholder
   */
  record NotBegun(String reason) implements Begin {}

  /** What {@link #answered} found. */
  sealed interface Answered {}

  /**
   * All that is needed to complete the branch.
   *
   * @param prepare asks the service to prepare; null where nothing does
   */
  record Complete(Completion confirm, Completion cancel, @Nullable Completion prepare)
      implements Answered {}

  /**
   * A placeholder has no value in the answer: the branch votes no and is undone as if unanswered.
   *
   * @param reason a sentence for people, naming the placeholder
   */
  record Incomplete(String reason) implements Answered {}
}
