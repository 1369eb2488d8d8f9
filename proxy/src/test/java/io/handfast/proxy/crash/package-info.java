/**
 * What tests of crashes need: real sidecar processes that die at a named force point and are
 * started again, and services whose books show what became of a transaction.
 *
 * <p>The points are woven into copies of the shipped classes ({@link
 * io.handfast.proxy.crash.CrashJar}): the shipped jar has no hook for them.
 */
@NullMarked
package io.handfast.proxy.crash;

import org.jspecify.annotations.NullMarked;
