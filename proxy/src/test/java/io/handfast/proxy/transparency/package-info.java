/**
 * What a client and a service say to each other arrives as it was said: each case once for one and
 * two sidecars, HTTP/1.1 and HTTP/2 on either side, in the clear and with mutual TLS.
 */
@NullMarked
package io.handfast.proxy.transparency;

import org.jspecify.annotations.NullMarked;
