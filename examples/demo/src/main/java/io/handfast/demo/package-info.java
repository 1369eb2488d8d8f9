/**
 * The demo: starts the bank of {@code examples/bank} with a sidecar for each service, all as
 * processes of their own, tells a story of transfers and crashes, and checks the money.
 *
 * <p>{@link io.handfast.demo.Main} reads the {@link io.handfast.demo.story.Settings}, starts the
 * {@link io.handfast.demo.town.Town} and lets the {@link io.handfast.demo.story.Story} be told.
 */
@NullMarked
package io.handfast.demo;

import org.jspecify.annotations.NullMarked;
