/** The xDS client. */
@NullMarked
package io.handfast.xds;

import org.jspecify.annotations.NullMarked;
