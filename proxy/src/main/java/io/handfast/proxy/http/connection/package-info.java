/**
 * HTTP as a network filter: {@link io.handfast.proxy.http.connection.HttpTerminal} puts the codec
 * that a connection speaks on it, and the connection manager behind the codec.
 */
@NullMarked
package io.handfast.proxy.http.connection;

import org.jspecify.annotations.NullMarked;
