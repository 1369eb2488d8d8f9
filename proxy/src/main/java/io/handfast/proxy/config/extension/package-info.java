/**
 * What others own in a configuration: a filter parses its own {@code typed_config}, its part of
 * routes and clusters, and its extension of the process. The composition root gathers the parsers
 * in {@link io.handfast.proxy.config.extension.Extensions}.
 */
@NullMarked
package io.handfast.proxy.config.extension;

import org.jspecify.annotations.NullMarked;
