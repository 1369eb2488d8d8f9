/**
 * What runs, in the messages of {@code envoy.admin.v3}: {@link
 * io.handfast.proxy.status.ConfigDumps} the configuration with the state of each resource, without
 * its secrets, {@link io.handfast.proxy.status.ClientConfigs} that state alone, {@link
 * io.handfast.proxy.status.CertificateDumps} the certificates in use.
 */
@NullMarked
package io.handfast.proxy.status;

import org.jspecify.annotations.NullMarked;
