/** The deadlines of a route: Envoy's newer fields and the deprecated ones. */
@NullMarked
package io.handfast.proxy.config.compile.deadline;

import org.jspecify.annotations.NullMarked;
