/** What is served, as it stands at one moment, with versions that are made of its content. */
@NullMarked
package io.handfast.k8s.controlplane.snapshot;

import org.jspecify.annotations.NullMarked;
