/**
 * The configuration as the data path reads it: immutable records, one file per resource, nothing of
 * protobuf's laziness or optionality left.
 *
 * <p>The way of a configuration: a bootstrap file (or later a control plane) offers protobuf
 * resources to {@code io.handfast.xds.store}; they are checked against the table of honoured
 * fields, compiled to the records of this package by {@code io.handfast.proxy.config.compile},
 * warmed, and published as one {@link io.handfast.proxy.config.ConfigSnapshot}. A stream reads the
 * snapshot reference once and keeps it to its end.
 *
 * <p>Conventions: a {@link java.time.Duration} of zero means "no limit" where the Envoy field says
 * so; each record carries its defaults as constants or as a {@code DEFAULTS} instance; compact
 * constructors refuse what no caller may build.
 */
@NullMarked
package io.handfast.proxy.config;

import org.jspecify.annotations.NullMarked;
