/** Envoy's v3 bootstrap, from a file in any of Envoy's forms and from the command line. */
@NullMarked
package io.handfast.xds.bootstrap;

import org.jspecify.annotations.NullMarked;
