package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static io.handfast.proxy.xds.SecretResources.certificate;
import static io.handfast.proxy.xds.SecretResources.downstream;
import static io.handfast.proxy.xds.SecretResources.secured;

import com.google.protobuf.util.Durations;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.proxy.tls.TestPki;
import io.netty.pkitesting.X509Bundle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What a server tells of which nothing stays as it is. A version takes a push for each type, and
 * they come in any order. With each version
 *
 * <ul>
 *   <li>clusters have other names, and those of the version before are gone from the server at
 *       once; {@code steady} has other endpoints, and now and then other settings;
 *   <li>listener {@code l} names another route table, {@code leaving-N} comes and the one before
 *       goes, {@code secured} shows another certificate, {@code staying} never changes;
 *   <li>a route table comes and one goes; that of {@code staying} has other routes;
 *   <li>the secret has another certificate, and now and then another name.
 * </ul>
 */
final class PushedWorld {
  static final TestPki PKI = new TestPki();

  /** Pushes of a version. */
  static final int TYPES = 5;

  private static final X509Bundle ODD = PKI.workload("odd");
  private static final X509Bundle EVEN = PKI.workload("even");
  private static final String GRPC = "/handfast.test.Echo/";
  private static final String STAYING = "table-of-staying";
  private static final String STEADY = "steady";

  private final Random order = new Random(8);
  private final int one;
  private final int two;
  private final int echo;
  private List<Cluster> clusters = List.of();
  private List<ClusterLoadAssignment> endpoints = List.of();
  private List<Listener> listeners = List.of();
  private List<RouteConfiguration> routes = List.of();
  private List<Secret> secrets = List.of();
  private int pushes;

  /**
   * Version 1.
   *
   * @param one port of a service
   * @param two port of another
   * @param echo port of one that speaks gRPC
   */
  PushedWorld(int one, int two, int echo) {
    this.one = one;
    this.two = two;
    this.echo = echo;
    parts(1).forEach(Runnable::run);
  }

  /** Tells the server of that version, type by type. */
  void push(int version, Consumer<Snapshot> server) {
    List<Runnable> parts = parts(version);
    Collections.shuffle(parts, order);
    for (Runnable part : parts) {
      part.run();
      server.accept(snapshot());
    }
  }

  Snapshot snapshot() {
    pushes++;
    return Snapshot.create(clusters, endpoints, listeners, routes, secrets, String.valueOf(pushes));
  }

  int pushes() {
    return pushes;
  }

  /** The table of {@code l} in that version. */
  static String table(int version) {
    return "table-" + version;
  }

  static String leaving(int version) {
    return "leaving-" + version;
  }

  /** Whose certificate {@code secured} shows in that version. */
  static String subject(int version) {
    return version % 2 == 0 ? "CN=even" : "CN=odd";
  }

  private List<Runnable> parts(int version) {
    String plain = "plain-" + version;
    String grpc = "grpc-" + version;
    String secret = "secret-" + version / 4;
    List<Runnable> parts = new ArrayList<>();
    parts.add(() -> clusters = List.of(cluster(plain), cluster(grpc), steady(version)));
    parts.add(() ->
        endpoints =
            List.of(someOf(plain, version), endpoints(grpc, echo), someOf(STEADY, version + 1)));
    parts.add(() ->
        listeners =
            List.of(
                listener("l", table(version)),
                listener(leaving(version), table(version)),
                listener("staying", STAYING),
                secured(listener("secured", STAYING), downstream(secret))));
    parts.add(() ->
        routes =
            List.of(
                table(table(version), plain, grpc),
                table(STAYING, version % 2 == 0 ? STEADY : plain, grpc)));
    parts.add(() -> secrets = List.of(certificate(secret, version % 2 == 0 ? EVEN : ODD)));
    return parts;
  }

  /** A change of its settings every third version makes it another cluster of the same name. */
  private static Cluster steady(int version) {
    return cluster(STEADY).toBuilder()
        .setConnectTimeout(Durations.fromSeconds(5 + version / 3 % 2))
        .build();
  }

  /** One of two, or both. */
  private ClusterLoadAssignment someOf(String cluster, int version) {
    return switch (version % 3) {
      case 0 -> endpoints(cluster, one);
      case 1 -> endpoints(cluster, two);
      default -> endpoints(cluster, one, two);
    };
  }

  private static RouteConfiguration table(String name, String plain, String grpc) {
    RouteConfiguration.Builder table = routes(name, plain).toBuilder();
    var first = table.getVirtualHostsBuilder(0).addRoutesBuilder(0);
    first.getMatchBuilder().setPrefix(GRPC);
    first.getRouteBuilder().setCluster(grpc);
    return table.build();
  }
}
