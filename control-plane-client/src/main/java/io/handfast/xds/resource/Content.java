package io.handfast.xds.resource;

import com.google.protobuf.ByteString;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/**
 * The message of a resource, which is kept for as long as the resource is: once it serves it is
 * seldom read, and its bytes take a tenth of the memory. Equal where the messages are. Thread-safe.
 *
 * @param <M> the message
 */
public final class Content<M extends Message> {

  private final M instance;
  private @Nullable String name;

  /** The message, or the bytes of it; the name is there before them. */
  private volatile Object form;

  /** That message, which is at hand until it rests. */
  @SuppressWarnings("unchecked") // The default instance is of the class of the message.
  public Content(M message) {
    this.instance = (M) message.getDefaultInstanceForType();
    this.form = message;
  }

  /** The message; made anew each time while it rests. */
  @SuppressWarnings("unchecked") // What is no bytes is what was given in, and its parser's.
  public M message() {
    Object now = form;
    return (M) (now instanceof ByteString bytes ? parse(bytes) : now);
  }

  private Message parse(ByteString bytes) {
    try {
      return instance.getParserForType().parseFrom(bytes, ExtensionRegistry.getEmptyRegistry());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the bytes of a message are not its own", e);
    }
  }

  /** The message's encoding. */
  public ByteString bytes() {
    Object now = form;
    return now instanceof ByteString bytes ? bytes : ((Message) now).toByteString();
  }

  /** The name that stands in the message, which is of that type. */
  public String name(ResourceType<?> type) {
    return form instanceof Message message ? type.nameOf(message) : String.valueOf(name);
  }

  /** Keeps bytes in the place of the message, which is of that type, until it is asked for. */
  public void rest(ResourceType<?> type) {
    if (form instanceof Message message) {
      name = type.nameOf(message);
      form = message.toByteString();
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other || (other instanceof Content<?> content && isEqual(content));
  }

  /** Bytes that differ may be of equal messages, whose maps are in another order. */
  private boolean isEqual(Content<?> other) {
    if (form instanceof Message mine && other.form instanceof Message others) {
      return mine.equals(others);
    }
    return instance.equals(other.instance)
        && (bytes().equals(other.bytes()) || message().equals(other.message()));
  }

  @Override
  public int hashCode() {
    return instance.getClass().hashCode();
  }

  @Override
  public String toString() {
    return message().toString();
  }
}
