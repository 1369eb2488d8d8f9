/**
 * What runs beside sidecars rather than as one: {@link io.handfast.k8s.controlplane} tells them
 * their configuration.
 */
@NullMarked
package io.handfast.k8s;

import org.jspecify.annotations.NullMarked;
