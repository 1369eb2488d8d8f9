/**
 * Statistics under the names that Envoy dashboards know.
 *
 * <p>Handles ({@link io.handfast.proxy.stats.Counter}, {@link io.handfast.proxy.stats.Gauge},
 * {@link io.handfast.proxy.stats.Histogram}) are looked up once, when a listener, connection
 * manager or cluster is built, and kept in the fields of {@link
 * io.handfast.proxy.stats.ListenerStats}, {@link io.handfast.proxy.stats.HttpStats} and {@link
 * io.handfast.proxy.stats.ClusterStats}: a request looks up no name and takes no lock. {@link
 * io.handfast.proxy.stats.Stats} owns them all and renders them as Envoy's text, JSON and
 * Prometheus exposition.
 *
 * <p>What Envoy has no name for (transactions, JVM, process) is in the Micrometer registry of
 * {@link io.handfast.proxy.stats.Stats#meters()}. Envoy's own names are not: the Prometheus client
 * ends every counter in {@code _total}, Envoy does not, and dashboards read Envoy's.
 */
@NullMarked
package io.handfast.proxy.stats;

import org.jspecify.annotations.NullMarked;
