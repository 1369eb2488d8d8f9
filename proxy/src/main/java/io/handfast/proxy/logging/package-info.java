/** The log of the process: its components, their levels, where it goes. */
@NullMarked
package io.handfast.proxy.logging;

import org.jspecify.annotations.NullMarked;
