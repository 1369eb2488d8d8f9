package io.handfast.tx.grpc;

/** Bounds of the control service's messages, the same on both sides. */
final class ControlLimits {
  /** Version of the messages that this sidecar speaks; {@code docs/PROTOCOL.md}. */
  static final int PROTOCOL_VERSION = 1;

  /** Items of one message, as control.proto says. */
  static final int MAX_ITEMS = 1024;

  /** Bytes of one message: 1,024 items with the 4 KiB of votes that a header could not carry. */
  static final int MAX_MESSAGE_BYTES = 8 << 20;

  /** Bytes of items after which a message is full; a larger item goes alone. */
  static final int MAX_BATCH_BYTES = 1 << 20;

  /** Messages of one kind to one peer that may be unanswered; what comes then goes together. */
  static final int MAX_UNANSWERED = 64;

  /** Items of one kind that may wait for one peer; more are not told, and told again later. */
  static final int MAX_WAITING = 16_384;

  /** Calls of one peer at the same time: {@link #MAX_UNANSWERED} of each kind. */
  static final int MAX_CALLS_PER_CONNECTION = 256;

  /** A caller gives up after this; the engine then asks or tells again by its own back-off. */
  static final long CALL_TIMEOUT_MS = 5_000;

  /** A message is answered with what is known after this; what is left out is told again. */
  static final long PARTIAL_ANSWER_MS = 1_000;

  private ControlLimits() {}
}
