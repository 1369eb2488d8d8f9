/**
 * Drives the pure machines of {@code io.handfast.tx.core} and their shells: the only place that
 * performs transitions. Everything here is confined to one {@link io.handfast.tx.port.EngineLoop}.
 */
@NullMarked
package io.handfast.tx.engine;

import org.jspecify.annotations.NullMarked;
