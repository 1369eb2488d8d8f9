/** The sidecar on a real control plane. */
@NullMarked
package io.handfast.proxy.xds;

import org.jspecify.annotations.NullMarked;
