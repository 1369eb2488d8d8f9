/** What stands in the place of a filter that a control plane has still to describe. */
@NullMarked
package io.handfast.proxy.filter.awaited;

import org.jspecify.annotations.NullMarked;
