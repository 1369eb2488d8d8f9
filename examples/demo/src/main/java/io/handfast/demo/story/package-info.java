/**
 * What is told: {@link io.handfast.demo.story.Story} plays its acts in the town; after each the
 * {@link io.handfast.demo.story.Auditor} looks at every database and every sidecar, and {@link
 * io.handfast.demo.story.Report} says what was found.
 */
@NullMarked
package io.handfast.demo.story;

import org.jspecify.annotations.NullMarked;
