package io.handfast.tx.interceptor;

/**
 * The engine as the data plane sees it: begins transactions, opens branches, tags calls, votes.
 *
 * <p>Thread-safe. Each call comes from the stream's own executor; listeners are told on that
 * executor and exchanges are told from it. A request that has nothing to do with a transaction is
 * answered inside the call, without a hop.
 */
public interface TransactionInterceptor {

  /**
   * Whether a request for the local service is in no transaction, begins none and has nothing of
   * one in its headers: {@link #inbound} would let it pass as it is, and need not be asked.
   *
   * @param policy what the route says
   * @param trusted whether the listener believes the context that comes with it (T6)
   * @param headers as they came; read within the call only
   */
  default boolean isOutsideInbound(RoutePolicy policy, boolean trusted, Fields headers) {
    return false;
  }

  /**
   * The same of a request that the local service sends, and {@link #outbound}.
   *
   * @param policy what the route says
   * @param participant whether the cluster's endpoints have sidecars of this mesh (T6)
   * @param headers as they came from the service; read within the call only
   */
  default boolean isOutsideOutbound(RoutePolicy policy, boolean participant, Fields headers) {
    return false;
  }

  /** A request arrives for the local service. */
  InboundExchange inbound(InboundCall call, InboundListener listener);

  /** The local service sends a request. */
  OutboundExchange outbound(OutboundCall call, OutboundListener listener);
}
