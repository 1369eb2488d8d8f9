package io.handfast.tx.core;

import org.jspecify.annotations.Nullable;

/**
 * Who decides a transaction.
 *
 * @param store in which the decision is made: it alone may answer from absence (rule T13)
 * @param authority where its control service answers
 * @param identity that its certificate must name for an outcome to be believed (rule T20); null
 *     where sidecars prove nothing to each other
 */
public record Decider(StoreId store, Authority authority, @Nullable PeerIdentity identity) {}
