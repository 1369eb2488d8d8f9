/** What proxies in front say of the client. */
@NullMarked
package io.handfast.proxy.http.forwarded;

import org.jspecify.annotations.NullMarked;
