/**
 * Text to messages: YAML and JSON become one {@link io.handfast.xds.text.Tree}, and {@link
 * io.handfast.xds.text.TreeMerger} lays it over a protobuf message by the rules of protobuf's JSON
 * mapping. It exists beside {@code JsonFormat} because every error here carries the path of its
 * field, and all errors are found in one go.
 */
@NullMarked
package io.handfast.xds.text;

import org.jspecify.annotations.NullMarked;
