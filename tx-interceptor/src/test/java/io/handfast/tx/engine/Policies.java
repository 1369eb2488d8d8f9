package io.handfast.tx.engine;

import io.handfast.transaction.v1.Begun;
import io.handfast.transaction.v1.Callback;
import io.handfast.transaction.v1.CallbackRequest;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Boundary;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.resource.CallbackMode;
import io.handfast.tx.resource.CallbackResource;
import io.handfast.tx.resource.ReadOnlyResource;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TemplateException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Routes of tests. */
final class Policies {
  static final Duration TIMEOUT = Duration.ofSeconds(2);
  static final Duration TRY_TIMEOUT = Duration.ofSeconds(3);

  private Policies() {}

  /** Confirm and cancel need nothing but the branch's id. */
  static Resource callback() {
    return callback("/confirm/{branch.id}", "/cancel/{branch.id}");
  }

  static Resource callback(String confirm, String cancel) {
    Callback.Builder policy =
        Callback.newBuilder()
            .setConfirm(CallbackRequest.newBuilder().setPath(confirm))
            .setCancel(CallbackRequest.newBuilder().setPath(cancel));
    if (cancel.contains("response")) {
      policy.setCancelUnanswered(CallbackRequest.newBuilder().setPath("/cancel-lost/{branch.id}"));
    }
    return compile(policy);
  }

  /** As {@link #callback()}, and the service works while BEGUN is being forced. */
  static Resource overlapped() {
    return compile(
        Callback.newBuilder()
            .setConfirm(CallbackRequest.newBuilder().setPath("/confirm/{branch.id}"))
            .setCancel(CallbackRequest.newBuilder().setPath("/cancel/{branch.id}"))
            .setBegun(Begun.OVERLAPPED));
  }

  /** As {@link #callback(String, String)}, and the service is asked to prepare; 204: read-only. */
  static Resource preparing(String confirm, String cancel) {
    Callback.Builder policy =
        Callback.newBuilder()
            .setConfirm(CallbackRequest.newBuilder().setPath(confirm))
            .setCancel(CallbackRequest.newBuilder().setPath(cancel))
            .setPrepare(CallbackRequest.newBuilder().setPath("/prepare/{branch.id}"))
            .addPrepareReadOnly(204);
    if (cancel.contains("response")) {
      policy.setCancelUnanswered(CallbackRequest.newBuilder().setPath("/cancel-lost/{branch.id}"));
    }
    return compile(policy);
  }

  static Resource preparing() {
    return preparing("/confirm/{branch.id}", "/cancel/{branch.id}");
  }

  private static Resource compile(Callback.Builder policy) {
    try {
      return new CallbackResource(CallbackMode.compile(policy.build()));
    } catch (TemplateException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static RoutePolicy boundary(Resource resource) {
    return boundary(resource, Duration.ofMillis(100));
  }

  static RoutePolicy boundary(@Nullable Resource resource, Duration completionWait) {
    return boundary(resource, TIMEOUT, completionWait);
  }

  static RoutePolicy boundary(
      @Nullable Resource resource, Duration timeout, Duration completionWait) {
    return new RoutePolicy(
        Propagation.REQUIRED,
        new Boundary(timeout, completionWait, 1 << 20, false, false),
        resource,
        false);
  }

  /** A boundary of ONE_PHASE. */
  static RoutePolicy onePhase(@Nullable Resource resource) {
    return new RoutePolicy(
        Propagation.REQUIRED,
        new Boundary(TIMEOUT, Duration.ofMillis(100), 1 << 20, false, false, Protocol.ONE_PHASE),
        resource,
        false);
  }

  /** A boundary of THREE_PHASE, whose service updates. */
  static RoutePolicy threePhase() {
    return new RoutePolicy(
        Propagation.REQUIRED,
        new Boundary(TIMEOUT, Duration.ofMillis(100), 1 << 20, false, false, Protocol.THREE_PHASE),
        callback(),
        false);
  }

  static RoutePolicy readOnlyBoundary() {
    return boundary(ReadOnlyResource.INSTANCE);
  }

  static RoutePolicy participant(@Nullable Resource resource) {
    return new RoutePolicy(Propagation.MANDATORY, null, resource, false);
  }
}
