package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.resource.Resource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One transaction over two sidecars, step by step: the client, its boundary, a bank behind. */
final class Story {
  final Mesh mesh = new Mesh();
  final Sidecar front = mesh.sidecar("front");
  final Sidecar bank = mesh.sidecar("bank");
  RoutePolicy boundary = Policies.boundary(Policies.callback());
  Resource bankMode = Policies.callback();
  @Nullable InboundProbe client;
  @Nullable OutboundProbe call;
  @Nullable InboundProbe served;

  InboundProbe client() {
    return requireNonNull(client);
  }

  OutboundProbe call() {
    return requireNonNull(call);
  }

  InboundProbe served() {
    return requireNonNull(served);
  }

  /** A client's request reaches the front's service. */
  Story begin() {
    client = front.inbound(boundary, false, "POST", "/orders", TestFields.of());
    mesh.pass(2);
    assertThat(client().forwarded).isNotNull();
    return this;
  }

  /** The front's service calls the bank, whose service gets the call. */
  Story callBank() {
    return callBank(RoutePolicy.NONE);
  }

  Story callBank(RoutePolicy route) {
    call = front.outbound(route, client().service());
    assertThat(call().forwarded).isNotNull();
    served = bank.inbound(Policies.participant(bankMode), "POST", "/reserve", call().wire());
    mesh.pass(2);
    assertThat(served().forwarded).isNotNull();
    return this;
  }

  /** The bank's service answers, and its answer reaches the front's service. */
  Story bankAnswers(int status) {
    served().answered(status);
    mesh.pass(3);
    deliver(status);
    return this;
  }

  void deliver(int status) {
    String vote = served().voteOrNull();
    call()
        .exchange()
        .answered(OutboundProbe.status(status), vote == null ? List.of() : List.of(vote));
    mesh.pass(0);
  }

  Story frontAnswers(int status) {
    client().answered(status);
    mesh.pass(0);
    return this;
  }

  Story pass(long millis) {
    mesh.pass(millis);
    return this;
  }

  String outcome() {
    return client().releasedField("tx-outcome");
  }

  String tx() {
    String context = client().service().first("tx-context");
    return requireNonNull(context).substring(3, 35);
  }

  /** Nothing is left anywhere, and nobody is in doubt. */
  void assertSettled() {
    for (Sidecar sidecar : mesh.sidecars.values()) {
      assertThat(sidecar.list().inFlight()).as(sidecar.name()).isEmpty();
      assertThat(sidecar.list().inDoubt()).as(sidecar.name()).isZero();
    }
  }
}
