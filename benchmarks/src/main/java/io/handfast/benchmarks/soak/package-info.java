/**
 * What {@code benchmarks/soak} puts before and behind a proxy: an upstream that echoes, over
 * HTTP/1.1, gRPC and TCP, and clients of many kinds that check each byte of what they get, and say
 * of each exchange what became of it.
 */
@NullMarked
package io.handfast.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
