/** Tests of heads and their fields. */
@NullMarked
package io.handfast.proxy.http;

import org.jspecify.annotations.NullMarked;
