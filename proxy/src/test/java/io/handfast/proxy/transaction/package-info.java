/** The transaction filter on real sockets, with the engine and a journal behind it. */
@NullMarked
package io.handfast.proxy.transaction;

import org.jspecify.annotations.NullMarked;
