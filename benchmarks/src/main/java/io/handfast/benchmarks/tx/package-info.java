/**
 * The services of {@code benchmarks/run tx}: as little as there can be to a service, on blocking
 * sockets with a thread for each connection, so that what is measured is what coordinates them.
 */
@NullMarked
package io.handfast.benchmarks.tx;

import org.jspecify.annotations.NullMarked;
