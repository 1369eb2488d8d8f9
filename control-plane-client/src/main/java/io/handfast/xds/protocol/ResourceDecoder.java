package io.handfast.xds.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.resource.XdstpName;
import java.time.Duration;
import java.util.Optional;

/** Resources out of their envelopes. Pure functions. */
final class ResourceDecoder {

  private static final String WRAPPER = Resource.getDescriptor().getFullName();

  /** Bound of a TTL: as nanoseconds it fits into 64 bits. */
  private static final long MAX_TTL_SECONDS = 9_000_000_000L;

  private static final String TTL_PROBLEM =
      "not a time (expected: > 0 and at most " + MAX_TTL_SECONDS + "s)";

  private ResourceDecoder() {}

  /** What is in an envelope. */
  sealed interface Decoded {

    /** The name, as far as it could be read. */
    String name();

    /** A resource. */
    record Good(Received resource, Optional<Duration> ttl) implements Decoded {
      @Override
      public String name() {
        return resource.name();
      }
    }

    /** The resource that is there already lives on for so long. */
    record Heartbeat(String name, Optional<Duration> ttl) implements Decoded {}

    /** Nothing that can be used. */
    record Bad(ResourceFault fault) implements Decoded {
      @Override
      public String name() {
        return fault.name();
      }
    }
  }

  /** The envelope of a resource of a state-of-the-world response, which may have none (A8). */
  static Resource wrapped(Any any, String version) throws InvalidProtocolBufferException {
    Resource.Builder wrapper =
        TypeRegistry.nameOf(any.getTypeUrl()).equals(WRAPPER)
            ? Resource.parseFrom(any.getValue(), ExtensionRegistry.getEmptyRegistry()).toBuilder()
            : Resource.newBuilder().setResource(any);
    return wrapper.setVersion(version).build();
  }

  /**
   * Reads a resource.
   *
   * @param index its place in the response, named in errors as long as it has no name
   */
  static Decoded decode(ResourceType<?> type, Resource wrapper, int index) {
    String given =
        wrapper.getName().isEmpty() && wrapper.hasResourceName()
            ? wrapper.getResourceName().getName()
            : wrapper.getName();
    String name = XdstpName.normalise(given);
    Optional<Duration> ttl = Optional.empty();
    if (wrapper.hasTtl()) {
      if (!isTime(wrapper.getTtl())) {
        return bad(type, name, index, ".ttl", TTL_PROBLEM);
      }
      ttl = Optional.of(Duration.ofNanos(Durations.toNanos(wrapper.getTtl())));
    }
    if (!wrapper.hasResource()) {
      return name.isEmpty()
          ? bad(type, name, index, "", "neither name nor resource (expected: a resource)")
          : new Decoded.Heartbeat(name, ttl);
    }
    Any any = wrapper.getResource();
    if (!TypeRegistry.nameOf(any.getTypeUrl()).equals(TypeRegistry.nameOf(type.typeUrl()))) {
      return bad(type, name, index, "", any.getTypeUrl() + " (expected: " + type.typeUrl() + ")");
    }
    Message message;
    try {
      message =
          type.instance()
              .getParserForType()
              .parseFrom(any.getValue(), ExtensionRegistry.getEmptyRegistry());
    } catch (InvalidProtocolBufferException e) {
      return bad(
          type,
          name,
          index,
          "",
          "not a " + type.typeUrl() + " (expected: a valid encoding: " + e.getMessage() + ")");
    }
    String own = XdstpName.normalise(type.nameOf(message));
    if (isAnother(own, name)) {
      return bad(type, name, index, ".name", own + " (expected: the name of its envelope)");
    }
    name = name.isEmpty() ? own : name;
    if (name.isEmpty()) {
      return bad(type, name, index, ".name", "empty (expected: a name)");
    }
    String problem = XdstpName.problem(name, type);
    return problem.isEmpty()
        ? new Decoded.Good(new Received(name, wrapper.getVersion(), message), ttl)
        : bad(type, name, index, ".name", problem);
  }

  private static boolean isTime(com.google.protobuf.Duration ttl) {
    return Durations.isValid(ttl)
        && Durations.isPositive(ttl)
        && ttl.getSeconds() <= MAX_TTL_SECONDS;
  }

  /** A federated name may stand on the envelope alone. */
  private static boolean isAnother(String own, String given) {
    boolean comparable = XdstpName.isXdstp(own) || !XdstpName.isXdstp(given);
    return comparable && !given.isEmpty() && !own.isEmpty() && !own.equals(given);
  }

  static Decoded bad(ResourceType<?> type, String name, int index, String field, String problem) {
    String place = name.isEmpty() ? "#" + index : name;
    String path = type.collection() + "[" + place + "]" + field;
    return new Decoded.Bad(ResourceFault.of(name, path, problem));
  }
}
