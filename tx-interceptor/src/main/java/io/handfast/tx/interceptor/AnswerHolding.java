package io.handfast.tx.interceptor;

/**
 * How much of an answer is held back until the listener is told to let it go.
 *
 * @param limitBytes bodies known, or found, to be at most this long are held whole; of a longer one
 *     everything but the end of the stream goes on at once, unless {@code whole}
 * @param whole nothing may leave before the outcome: a body that turns out longer than {@code
 *     limitBytes} is reported by {@link InboundExchange#tooLarge}
 */
public record AnswerHolding(int limitBytes, boolean whole) {}
