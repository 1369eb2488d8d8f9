/** Our codecs beside Netty's: the same fields read and written again. */
@NullMarked
package io.handfast.benchmarks.codec;

import org.jspecify.annotations.NullMarked;
