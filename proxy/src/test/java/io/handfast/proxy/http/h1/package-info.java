/** Tests of the HTTP/1.1 codec, byte by byte on embedded channels. */
@NullMarked
package io.handfast.proxy.http.h1;

import org.jspecify.annotations.NullMarked;
