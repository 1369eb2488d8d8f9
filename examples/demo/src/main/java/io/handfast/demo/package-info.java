/** The demo: starts services and sidecars, and shows what happens. */
@NullMarked
package io.handfast.demo;

import org.jspecify.annotations.NullMarked;
