/** What services really use on top of their driver, through a sidecar. */
@NullMarked
package io.handfast.proxy.postgres.orm;

import org.jspecify.annotations.NullMarked;
