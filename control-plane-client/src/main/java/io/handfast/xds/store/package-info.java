/**
 * The door that every configuration goes in by, whether from a file or from a control plane: offer
 * → check and compile → warm → publish.
 *
 * <p>{@link io.handfast.xds.store.ConfigStore} keeps one published snapshot. What is refused leaves
 * it whole; what is accepted replaces it by one reference.
 */
@NullMarked
package io.handfast.xds.store;

import org.jspecify.annotations.NullMarked;
