package io.handfast.proxy.config.extension;

import com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/** Parses what a cluster's metadata says to one filter. Immutable; a function of its arguments. */
public interface ClusterMetadataParser {

  /** The key in {@code typed_filter_metadata} or {@code filter_metadata}. */
  String key();

  /** The default instance of its message. */
  Message type();

  /**
   * Parses the metadata.
   *
   * @param metadata of the type of {@link #type()}
   * @return what the data path uses; null if something is wrong, which has been noted in the scope
   */
  @Nullable Object parse(Message metadata, Scope scope);
}
