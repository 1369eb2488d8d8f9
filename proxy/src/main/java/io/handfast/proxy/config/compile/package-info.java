/**
 * From Envoy's protos to the records of {@link io.handfast.proxy.config}: plain functions, one file
 * per resource. What is wrong is noted in the {@link io.handfast.proxy.config.extension.Scope} with
 * the path of its field, and the function goes on, so that all errors are found in one go.
 *
 * <p>{@link io.handfast.proxy.config.compile.ConfigLoader} is the way in. What a filter owns is
 * parsed by the filter, by way of {@link io.handfast.proxy.config.extension.Extensions}. The table
 * {@code fields.txt} beside these classes says what is honoured.
 */
@NullMarked
package io.handfast.proxy.config.compile;

import org.jspecify.annotations.NullMarked;
