/**
 * Resources: their types and names, what is honoured of them, and what is wrong with them.
 *
 * <p>{@link io.handfast.xds.resource.FieldCheck} walks a message and refuses, by {@link
 * io.handfast.xds.resource.FieldTable}, every field that is set, is not honoured and would change
 * traffic; on the way it holds the fields against the constraints that Envoy's protos carry ({@code
 * validate.rules}). Everything wrong is collected in {@link io.handfast.xds.resource.ConfigErrors}
 * with the path of the field.
 */
@NullMarked
package io.handfast.xds.resource;

import org.jspecify.annotations.NullMarked;
