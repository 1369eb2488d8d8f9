/**
 * The whole data path in one process, on real loopback sockets: a raw client, the proxy, raw
 * services.
 */
@NullMarked
package io.handfast.proxy.datapath;

import org.jspecify.annotations.NullMarked;
