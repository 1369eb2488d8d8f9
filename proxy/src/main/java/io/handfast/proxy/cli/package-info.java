/** The command line. */
@NullMarked
package io.handfast.proxy.cli;

import org.jspecify.annotations.NullMarked;
