/**
 * What tests of crashes need: real sidecar processes that die at a named force point and are
 * started again, and services whose books show what became of a transaction.
 *
 * <p>{@link io.handfast.proxy.crash.CrashAgent} is a Java agent of the tests: the shipped jar has
 * no hook for it.
 */
@NullMarked
package io.handfast.proxy.crash;

import org.jspecify.annotations.NullMarked;
