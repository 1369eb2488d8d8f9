/** The HTTP/2 codec on an embedded channel, frame by frame. */
@NullMarked
package io.handfast.proxy.http.h2;

import org.jspecify.annotations.NullMarked;
