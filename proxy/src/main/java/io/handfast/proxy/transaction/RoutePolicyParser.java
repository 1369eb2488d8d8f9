package io.handfast.proxy.transaction;

import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.transaction.v1.Participant;
import io.handfast.transaction.v1.TransactionPerRoute;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Boundary;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.resource.CallbackMode;
import io.handfast.tx.resource.CallbackResource;
import io.handfast.tx.resource.DatabaseResource;
import io.handfast.tx.resource.ReadOnlyResource;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TemplateException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Compiles what a route is to transactions. Pure functions. */
final class RoutePolicyParser {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);
  private static final Duration DEFAULT_COMPLETION_WAIT = Duration.ofMillis(100);
  private static final long DEFAULT_MAX_HELD = 1 << 20;
  private static final long MAX_MAX_HELD = 16 << 20;

  private RoutePolicyParser() {}

  /** Null if something is wrong, which has been noted. */
  static @Nullable RoutePolicy parse(
      TransactionPerRoute policy, TrafficDirection direction, Scope scope) {
    boolean sound = fits(policy, direction, scope);
    Resource resource = null;
    if (policy.hasParticipant()) {
      resource = resource(policy.getParticipant(), scope.field("participant"));
      sound &= resource != null;
    }
    Boundary boundary = null;
    if (policy.hasBoundary()) {
      boundary = boundary(policy.getBoundary(), scope.field("boundary"));
      sound &= boundary != null;
    }
    if (resource instanceof DatabaseResource
        && boundary != null
        && boundary.protocol() == Protocol.THREE_PHASE) {
      // A prepared transaction knows no pre-commit: whoever waits for one would block all the same.
      scope
          .field("boundary")
          .field("protocol")
          .error("THREE_PHASE", "TWO_PHASE or ONE_PHASE with a database participant");
      sound = false;
    }
    Propagation propagation = propagation(policy, scope.field("propagation"));
    return sound && propagation != null
        ? new RoutePolicy(propagation, boundary, resource, policy.getOptional())
        : null;
  }

  private static boolean fits(TransactionPerRoute policy, TrafficDirection direction, Scope scope) {
    // Neither, where a route table is looked at that no listener has asked for yet.
    boolean inbound = direction == TrafficDirection.INBOUND;
    boolean outbound = direction == TrafficDirection.OUTBOUND;
    boolean sound = true;
    if (outbound && policy.hasBoundary()) {
      scope.field("boundary").error("on an outbound listener (expected: on an inbound one)");
      sound = false;
    }
    if (outbound && policy.hasParticipant()) {
      scope.field("participant").error("on an outbound listener (expected: on an inbound one)");
      sound = false;
    }
    if (inbound && policy.getOptional()) {
      scope.field("optional").error("on an inbound listener (expected: on an outbound one)");
      sound = false;
    }
    return sound;
  }

  private static @Nullable Propagation propagation(TransactionPerRoute policy, Scope scope) {
    return switch (policy.getPropagation()) {
      case PROPAGATION_UNSPECIFIED -> byDefault(policy);
      case REQUIRED -> {
        if (!policy.hasBoundary()) {
          scope.error("REQUIRED", "a boundary beside it, which begins a transaction; or MANDATORY");
          yield null;
        }
        yield Propagation.REQUIRED;
      }
      case MANDATORY -> withoutBoundary(policy, Propagation.MANDATORY, scope);
      case SUPPORTS -> withoutBoundary(policy, Propagation.SUPPORTS, scope);
      case REQUIRES_NEW, NOT_SUPPORTED, NEVER -> {
        scope.error(
            policy.getPropagation(), "REQUIRED, MANDATORY or SUPPORTS; this one is not built yet");
        yield null;
      }
      case UNRECOGNIZED -> {
        scope.error(policy.getPropagationValue(), "REQUIRED, MANDATORY or SUPPORTS");
        yield null;
      }
    };
  }

  private static @Nullable Propagation withoutBoundary(
      TransactionPerRoute policy, Propagation propagation, Scope scope) {
    if (policy.hasBoundary()) {
      scope.error(propagation, "REQUIRED, or no boundary: with this one it would never begin");
      return null;
    }
    return propagation;
  }

  private static Propagation byDefault(TransactionPerRoute policy) {
    if (policy.hasBoundary()) {
      return Propagation.REQUIRED;
    }
    return policy.hasParticipant() && !policy.getParticipant().hasReadOnly()
        ? Propagation.MANDATORY
        : Propagation.SUPPORTS;
  }

  private static @Nullable Resource resource(Participant participant, Scope scope) {
    return switch (participant.getModeCase()) {
      case READ_ONLY -> ReadOnlyResource.INSTANCE;
      case CALLBACK -> {
        try {
          yield new CallbackResource(CallbackMode.compile(participant.getCallback()));
        } catch (TemplateException e) {
          scope.field("callback").error(String.valueOf(e.getMessage()));
          yield null;
        }
      }
      case DATABASE -> DatabaseResource.INSTANCE;
      case MODE_NOT_SET -> {
        scope.error("mode: missing (expected: callback, database or read_only)");
        yield null;
      }
    };
  }

  private static @Nullable Boundary boundary(
      io.handfast.transaction.v1.Boundary boundary, Scope scope) {
    boolean sound = true;
    Protocol protocol = protocol(boundary, scope.field("protocol"));
    sound &= protocol != null;
    Duration timeout =
        scope
            .field("timeout")
            .duration(boundary.hasTimeout(), boundary.getTimeout(), DEFAULT_TIMEOUT);
    if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
      scope.field("timeout").error(timeout, "1 ms to 1 h");
      sound = false;
    }
    Duration wait =
        scope
            .field("completion_wait")
            .duration(
                boundary.hasCompletionWait(),
                boundary.getCompletionWait(),
                DEFAULT_COMPLETION_WAIT);
    long held =
        boundary.hasMaxHeldResponse() ? boundary.getMaxHeldResponse().getValue() : DEFAULT_MAX_HELD;
    if (held < 0 || held > MAX_MAX_HELD) {
      scope.field("max_held_response").error(Long.toUnsignedString(held), "0 to " + MAX_MAX_HELD);
      sound = false;
    }
    double floor = boundary.getAdmission().getMinSuccessProbability();
    if (!(floor >= 0 && floor <= 1)) {
      scope.field("admission").field("min_success_probability").error(floor, "0 to 1");
      sound = false;
    }
    return sound && protocol != null
        ? new Boundary(
            timeout,
            wait,
            (int) held,
            boundary.getAllowIdempotencyKey(),
            boundary.getAllowStreaming(),
            protocol,
            floor)
        : null;
  }

  private static @Nullable Protocol protocol(
      io.handfast.transaction.v1.Boundary boundary, Scope scope) {
    return switch (boundary.getProtocol()) {
      case PROTOCOL_UNSPECIFIED, TWO_PHASE -> Protocol.TWO_PHASE;
      case ONE_PHASE -> Protocol.ONE_PHASE;
      case THREE_PHASE -> Protocol.THREE_PHASE;
      case UNRECOGNIZED -> {
        scope.error(boundary.getProtocolValue(), "TWO_PHASE, ONE_PHASE or THREE_PHASE");
        yield null;
      }
    };
  }
}
