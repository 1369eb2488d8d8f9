/**
 * Where resources come from: a {@link io.handfast.k8s.controlplane.source.ResourceSource}, which a
 * directory of files is one of. What cannot be used never leaves it.
 */
@NullMarked
package io.handfast.k8s.controlplane.source;

import org.jspecify.annotations.NullMarked;
