package io.handfast.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The messages that may stand in an {@link Any}. Immutable.
 *
 * <p>The caller says which: this module knows Envoy's messages only, the proxy adds its own.
 */
public final class TypeRegistry {

  /** What a type URL begins with where nobody says otherwise. */
  public static final String TYPE_URL_PREFIX = "type.googleapis.com/";

  private final Map<String, Message> byName;

  private TypeRegistry(Map<String, Message> byName) {
    this.byName = byName;
  }

  /** A registry of those messages, each given by its default instance. */
  public static TypeRegistry of(Collection<? extends Message> defaultInstances) {
    Map<String, Message> byName = new TreeMap<>();
    for (Message instance : defaultInstances) {
      byName.put(
          instance.getDescriptorForType().getFullName(), instance.getDefaultInstanceForType());
    }
    return new TypeRegistry(byName);
  }

  /** This one and those messages, each given by its default instance. */
  public TypeRegistry with(Collection<? extends Message> defaultInstances) {
    List<Message> all = new ArrayList<>(byName.values());
    all.addAll(defaultInstances);
    return of(all);
  }

  /** The full name in a type URL. */
  public static String nameOf(String typeUrl) {
    return typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
  }

  /** The type URL of a message. */
  public static String typeUrlOf(Descriptor descriptor) {
    return TYPE_URL_PREFIX + descriptor.getFullName();
  }

  /** The default instance of the message with that type URL or full name. */
  public Optional<Message> find(String typeUrl) {
    return Optional.ofNullable(byName.get(nameOf(typeUrl)));
  }

  /** Full names of all messages, sorted. */
  public Collection<String> names() {
    return byName.keySet();
  }

  /**
   * The message in an Any.
   *
   * @return empty if the type is unknown or the bytes are not of it, which is noted at the path
   */
  public Optional<Message> unpack(Any any, String path, ConfigErrors errors) {
    if (any.getTypeUrl().isEmpty()) {
      errors.add(path, "no type (expected: '@type' with the type URL of a message)");
      return Optional.empty();
    }
    Message instance = byName.get(nameOf(any.getTypeUrl()));
    if (instance == null) {
      errors.add(path, unknownType(any.getTypeUrl()));
      return Optional.empty();
    }
    try {
      return Optional.of(
          instance
              .getParserForType()
              .parseFrom(any.getValue(), ExtensionRegistry.getEmptyRegistry()));
    } catch (InvalidProtocolBufferException e) {
      errors.add(path, any.getTypeUrl(), "a valid encoding of that message: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** What to say about a type that is not here. */
  public String unknownType(String typeUrl) {
    return typeUrl
        + " is not known here (expected: a type of docs/CONFIG.md"
        + Names.hint(nameOf(typeUrl), names())
        + ")";
  }
}
