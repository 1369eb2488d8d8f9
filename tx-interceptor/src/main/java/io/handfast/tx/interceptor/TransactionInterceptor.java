package io.handfast.tx.interceptor;

/**
 * The engine as the data plane sees it: begins transactions, opens branches, tags calls, votes.
 *
 * <p>Thread-safe. Each call comes from the stream's own executor; listeners are told on that
 * executor and exchanges are told from it. A request that has nothing to do with a transaction is
 * answered inside the call, without a hop.
 */
public interface TransactionInterceptor {

  /** A request arrives for the local service. */
  InboundExchange inbound(InboundCall call, InboundListener listener);

  /** The local service sends a request. */
  OutboundExchange outbound(OutboundCall call, OutboundListener listener);
}
