package io.handfast.xds.resource;

import com.github.xds.type.v3.TypedStruct;
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
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The messages that may stand in an {@link Any}, as their own type or, where structs can be read,
 * as a {@code TypedStruct}. Immutable.
 *
 * <p>The caller says which: this module knows Envoy's messages only, the proxy adds its own.
 */
public final class TypeRegistry {

  /** What a type URL begins with where nobody says otherwise. */
  public static final String TYPE_URL_PREFIX = "type.googleapis.com/";

  /** Both have the same fields. */
  private static final Set<String> TYPED_STRUCTS =
      Set.of(
          MessageNames.of(TypedStruct.getDefaultInstance()),
          MessageNames.of(com.github.udpa.udpa.type.v1.TypedStruct.getDefaultInstance()));

  private final Map<String, Message> byName;
  private final Optional<StructReader> structs;

  private TypeRegistry(Map<String, Message> byName, Optional<StructReader> structs) {
    this.byName = byName;
    this.structs = structs;
  }

  /** A registry of those messages, each given by its default instance. */
  public static TypeRegistry of(Collection<? extends Message> defaultInstances) {
    return of(defaultInstances, Optional.empty());
  }

  private static TypeRegistry of(
      Collection<? extends Message> defaultInstances, Optional<StructReader> structs) {
    Map<String, Message> byName = new TreeMap<>();
    for (Message instance : defaultInstances) {
      byName.put(MessageNames.of(instance), instance.getDefaultInstanceForType());
    }
    return new TypeRegistry(byName, structs);
  }

  /** This one, where each message may also come as a {@code TypedStruct} of xds or udpa. */
  public TypeRegistry reading(StructReader reader) {
    List<Message> all = new ArrayList<>(byName.values());
    all.add(TypedStruct.getDefaultInstance());
    all.add(com.github.udpa.udpa.type.v1.TypedStruct.getDefaultInstance());
    return of(all, Optional.of(reader));
  }

  /** This one and those messages, each given by its default instance. */
  public TypeRegistry with(Collection<? extends Message> defaultInstances) {
    List<Message> all = new ArrayList<>(byName.values());
    all.addAll(defaultInstances);
    return of(all, structs);
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

  /** The type URL of what an Any stands for: that which a {@code TypedStruct} names, or its own. */
  public String typeUrlIn(Any any) {
    if (!isStruct(any)) {
      return any.getTypeUrl();
    }
    try {
      return struct(any).getTypeUrl();
    } catch (InvalidProtocolBufferException e) {
      return any.getTypeUrl();
    }
  }

  private boolean isStruct(Any any) {
    return structs.isPresent() && TYPED_STRUCTS.contains(nameOf(any.getTypeUrl()));
  }

  private static TypedStruct struct(Any any) throws InvalidProtocolBufferException {
    return TypedStruct.parseFrom(any.getValue(), ExtensionRegistry.getEmptyRegistry());
  }

  /**
   * The message that an Any stands for.
   *
   * @return empty if the type is unknown or the content is not of it, which is noted at the path,
   *     or inside of it where a struct does not fit
   */
  public Optional<Message> unpack(Any any, String path, ConfigErrors errors) {
    if (any.getTypeUrl().isEmpty()) {
      errors.add(path, "no type (expected: '@type' with the type URL of a message)");
      return Optional.empty();
    }
    try {
      if (isStruct(any)) {
        return read(struct(any), path, errors);
      }
      Message instance = known(any.getTypeUrl(), path, errors);
      return instance == null
          ? Optional.empty()
          : Optional.of(
              instance
                  .getParserForType()
                  .parseFrom(any.getValue(), ExtensionRegistry.getEmptyRegistry()));
    } catch (InvalidProtocolBufferException e) {
      errors.add(path, any.getTypeUrl(), "a valid encoding of that message: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Message> read(TypedStruct struct, String path, ConfigErrors errors) {
    if (struct.getTypeUrl().isEmpty()) {
      errors.add(path + ".type_url", "missing (expected: the type URL of a message)");
      return Optional.empty();
    }
    if (TYPED_STRUCTS.contains(nameOf(struct.getTypeUrl()))) {
      errors.add(path + ".type_url", struct.getTypeUrl(), "the type of what is in the struct");
      return Optional.empty();
    }
    Message instance = known(struct.getTypeUrl(), path, errors);
    if (instance == null) {
      return Optional.empty();
    }
    ConfigErrors found = new ConfigErrors();
    Message.Builder into = instance.newBuilderForType();
    structs.ifPresent(reader -> reader.read(struct.getValue(), into, path, this, found));
    errors.addAll(found.list());
    return found.isEmpty() ? Optional.of(into.build()) : Optional.empty();
  }

  /** The default instance of what is in an Any as it is; null if it is unknown, or a struct. */
  @Nullable Message plainly(Any any) {
    return isStruct(any) ? null : byName.get(nameOf(any.getTypeUrl()));
  }

  private @Nullable Message known(String typeUrl, String path, ConfigErrors errors) {
    Message instance = byName.get(nameOf(typeUrl));
    if (instance == null) {
      errors.add(path, unknownType(typeUrl));
    }
    return instance;
  }

  /** What to say about a type that is not here. */
  public String unknownType(String typeUrl) {
    return typeUrl
        + " is not known here (expected: a type of docs/CONFIG.md"
        + Names.hint(nameOf(typeUrl), names())
        + ")";
  }
}
