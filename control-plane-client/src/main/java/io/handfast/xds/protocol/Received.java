package io.handfast.xds.protocol;

import com.google.protobuf.Message;
import io.handfast.xds.resource.Content;

/**
 * A resource that has come.
 *
 * @param name a federated one in its canonical form
 * @param version of the resource (delta) or of its response (state of the world)
 */
public record Received(String name, String version, Content<Message> content) {

  /** A resource with that message. */
  public Received(String name, String version, Message message) {
    this(name, version, new Content<>(message));
  }

  /** The resource. */
  public Message message() {
    return content.message();
  }
}
