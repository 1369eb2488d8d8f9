/**
 * The network filter {@code handfast.postgres_transaction}: the service's PostgreSQL server, which
 * stands before {@code tcp_proxy} and brings blocks of SQL into transactions of the mesh.
 */
@NullMarked
package io.handfast.proxy.postgres;

import org.jspecify.annotations.NullMarked;
