package io.handfast.tx.interceptor;

/**
 * How much of an answer is held back until the listener is told to let it go.
 *
 * @param limitBytes bodies that are known to be at most this long are held whole; of others
 *     everything but the end of the stream goes on once {@link InboundListener#releaseHead} says so
 * @param unknownLength bodies whose length is not known are held as well, as far as the limit goes
 * @param whole nothing may leave before the outcome: a body that is, or turns out, longer than the
 *     limit is reported by {@link InboundExchange#tooLarge}
 */
public record AnswerHolding(int limitBytes, boolean unknownLength, boolean whole) {}
