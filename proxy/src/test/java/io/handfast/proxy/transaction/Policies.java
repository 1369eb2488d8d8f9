package io.handfast.proxy.transaction;

import io.handfast.transaction.v1.Callback;
import io.handfast.transaction.v1.CallbackRequest;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Boundary;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.resource.CallbackMode;
import io.handfast.tx.resource.CallbackResource;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TemplateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** Routes of tests, and a call of theirs that no sidecar has made. */
final class Policies {
  static final PeerPolicy MESH = new PeerPolicy(true, true, false);
  static final String BRANCH = "00000000000000aa";
  static final String CONTEXT =
      "00-019767b8a4007abc8def0123456789ab-"
          + BRANCH
          + "-00;d=j.nobody@127.0.0.1:9;v=front:15014;t=5000";

  private Policies() {}

  static RoutePolicy boundary(Resource resource, int maxHeld) {
    return new RoutePolicy(
        Propagation.REQUIRED,
        new Boundary(Duration.ofSeconds(10), Duration.ofSeconds(1), maxHeld, false, false),
        resource,
        false);
  }

  static RoutePolicy participant(Resource resource) {
    return new RoutePolicy(Propagation.MANDATORY, null, resource, false);
  }

  static Resource callback() {
    return callback("/confirm", "/cancel");
  }

  static Resource callback(String confirm, String cancel) {
    try {
      return new CallbackResource(
          CallbackMode.compile(
              Callback.newBuilder()
                  .setConfirm(CallbackRequest.newBuilder().setPath(confirm))
                  .setCancel(CallbackRequest.newBuilder().setPath(cancel))
                  .build()));
    } catch (TemplateException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
