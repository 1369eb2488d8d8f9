package io.handfast.xds.resource;

import com.google.protobuf.Message;

/**
 * A resource as it was offered.
 *
 * @param content the resource
 * @param path where it stands, the beginning of the path of every error in it, such as {@code
 *     static_resources.clusters[2]}
 * @param version as its control plane calls it; empty for what is static
 * @param <M> its message
 */
public record Offered<M extends Message>(Content<M> content, String path, String version) {

  /** A resource whose message is at hand. */
  public Offered(M message, String path, String version) {
    this(new Content<>(message), path, version);
  }

  /** A static resource. */
  public Offered(M message, String path) {
    this(message, path, "");
  }

  /** The resource; made anew each time while its content rests. */
  public M message() {
    return content.message();
  }
}
