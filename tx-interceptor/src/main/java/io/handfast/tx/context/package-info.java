/**
 * How a transaction's context and votes are written in HTTP headers (rules T1 to T4 and T6 to T8).
 * Pure functions on header values; what cannot be read is a {@link
 * io.handfast.tx.context.MalformedHeaderException} and nothing else.
 *
 * <ul>
 *   <li>Between sidecars: {@link io.handfast.tx.context.ContextHeader} ({@code tx-context}) and
 *       {@link io.handfast.tx.context.VoteHeader} ({@code tx-vote})
 *   <li>Through an application: {@link io.handfast.tx.context.TraceState}, {@link
 *       io.handfast.tx.context.Baggage} and {@link io.handfast.tx.context.TraceParent}; {@link
 *       io.handfast.tx.context.Carriers} reads what comes out of it
 * </ul>
 */
@NullMarked
package io.handfast.tx.context;

import org.jspecify.annotations.NullMarked;
