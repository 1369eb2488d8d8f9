/** The command line, and the composition root: clocks enter here and nowhere else. */
@NullMarked
package io.handfast.k8s.cli;

import org.jspecify.annotations.NullMarked;
