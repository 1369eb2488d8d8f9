/**
 * What a data plane needs to take part in transactions: it hands requests and answers to {@link
 * io.handfast.tx.interceptor.TransactionInterceptor} and does what the listeners are told. Knows no
 * sockets, no codec and no protocol of transactions.
 *
 * <p>Inbound (towards the local service): {@link io.handfast.tx.interceptor.InboundCall} → {@link
 * io.handfast.tx.interceptor.InboundListener} → {@link io.handfast.tx.interceptor.InboundExchange}.
 * Outbound (from the local service): {@link io.handfast.tx.interceptor.OutboundCall} → {@link
 * io.handfast.tx.interceptor.OutboundListener} → {@link
 * io.handfast.tx.interceptor.OutboundExchange}.
 */
@NullMarked
package io.handfast.tx.interceptor;

import org.jspecify.annotations.NullMarked;
