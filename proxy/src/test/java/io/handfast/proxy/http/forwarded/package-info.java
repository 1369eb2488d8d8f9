/** Tests of what proxies in front say. */
@NullMarked
package io.handfast.proxy.http.forwarded;

import org.jspecify.annotations.NullMarked;
