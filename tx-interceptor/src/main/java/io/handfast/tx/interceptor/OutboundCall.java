package io.handfast.tx.interceptor;

import io.handfast.tx.port.Peer;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * A request that the local service sends.
 *
 * @param policy what the route says
 * @param participant whether the cluster's endpoints have sidecars of this mesh (T6)
 * @param trusted whether votes that come back from it are believed (T7)
 * @param voter whether somebody's votes that come by message may be its: whom the cluster would
 *     have taken for its endpoint (T7)
 * @param method HTTP method
 * @param destination the cluster's name, for people
 * @param headers as they came from the service
 * @param upgrade whether the request asks for an upgrade, is a CONNECT, or is gRPC-Web
 * @param executor the stream's own
 */
public record OutboundCall(
    RoutePolicy policy,
    boolean participant,
    boolean trusted,
    Predicate<Peer> voter,
    String method,
    String destination,
    Fields headers,
    boolean upgrade,
    Executor executor) {}
