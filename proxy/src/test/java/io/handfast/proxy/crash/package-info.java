/**
 * Real sidecar processes, killed at each force point and started again: what a crash may and may
 * not do to a transaction (AC1 to AC5).
 *
 * <p>{@link io.handfast.proxy.crash.CrashAgent} is a Java agent of the tests: the shipped jar has
 * no hook for it.
 */
@NullMarked
package io.handfast.proxy.crash;

import org.jspecify.annotations.NullMarked;
