/**
 * What runs, in the messages of {@code envoy.admin.v3}: {@link
 * io.handfast.proxy.status.ConfigDumps} the configuration with the state of each resource, without
 * its secrets.
 */
@NullMarked
package io.handfast.proxy.status;

import org.jspecify.annotations.NullMarked;
