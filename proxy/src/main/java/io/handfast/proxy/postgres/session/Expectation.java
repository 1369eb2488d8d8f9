package io.handfast.proxy.postgres.session;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * An answer that the server owes, in the order of requests.
 *
 * @param kind of which request
 * @param step the statement of ours that it belongs to; null: the client's own, to be forwarded
 * @param undo what the request changed here, and is taken back if the server refuses or skips it;
 *     null: nothing
 * @param bytes what is told to the client when everything before has been, of {@link Kind#TOLD}
 */
record Expectation(
    Kind kind, @Nullable Step step, @Nullable Runnable undo, @Nullable ByteBuf bytes) {

  @SuppressWarnings("ImmutableEnumChecker") // a plain one has neither step nor bytes
  enum Kind {
    /** Authentication and all that comes before the first ReadyForQuery. */
    START,
    /** Or a function call by the fast path. */
    QUERY,
    PARSE,
    BIND,
    DESCRIBE,
    EXECUTE,
    CLOSE,
    SYNC,
    /** Answered by nothing: the client has ended its COPY. */
    COPY_END,
    /** Answered by ourselves. */
    TOLD;

    private final Expectation plain = new Expectation(this, null, null, null);

    /** Of the client, with nothing to remember. */
    Expectation plain() {
      return plain;
    }

    /** Whether a ReadyForQuery ends it. */
    boolean ready() {
      return this == START || this == QUERY || this == SYNC;
    }

    /**
     * Whether the server skips it when one before it in the same pipeline fails ({@code
     * ignore_till_sync}).
     */
    boolean skippable() {
      return this != SYNC;
    }
  }

  static Expectation of(Kind kind, Step step) {
    return new Expectation(kind, step, null, null);
  }

  static Expectation undoable(Kind kind, Runnable undo) {
    return new Expectation(kind, null, undo, null);
  }

  static Expectation told(ByteBuf bytes) {
    return new Expectation(Kind.TOLD, null, null, bytes);
  }
}
