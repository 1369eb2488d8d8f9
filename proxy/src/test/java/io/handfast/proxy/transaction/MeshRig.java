package io.handfast.proxy.transaction;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * Whole sidecars in this process, a service beside each: {@code front} calls all others, one after
 * the other, and answers with what they said.
 */
final class MeshRig implements AutoCloseable {
  /** Placeholders: name, port. */
  private static final String PEER =
      """
      - name: %1$s
        metadata: { filter_metadata: { handfast.transaction: { participant: true, trust: PLAINTEXT } } }
        load_assignment:
          cluster_name: %1$s
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %2$d } } } }] }]
      """
          .indent(2);

  private final Path directory;
  private final List<Member> members = new ArrayList<>();
  private final Member front;

  /**
   * A mesh that is complete.
   *
   * @param boundary of {@code front}'s route, in YAML
   * @param participants what {@code front} calls
   */
  MeshRig(Path directory, String boundary, Participant... participants) throws Exception {
    this.directory = directory;
    StringBuilder outbound = new StringBuilder();
    StringBuilder peers = new StringBuilder();
    for (Participant it : participants) {
      Member member =
          new Member(
              it.name(),
              it.reachable() ? "" : ", authority: '127.0.0.1:1'",
              "participant: { callback: { confirm: { path: /confirm }, cancel: { path: /cancel }%s } }"
                  .formatted(it.prepare()),
              "",
              "",
              exchange -> answer(exchange, it));
      members.add(member);
      outbound.append(outbound(it.name()));
      peers.append(PEER.formatted(it.name(), member.port("inbound")));
    }
    front =
        new Member(
            "front",
            "",
            "boundary: { %s }\n                    participant: { read_only: {} }"
                .formatted(boundary),
            outbound.toString(),
            peers.toString(),
            this::callAll);
    members.add(front);
  }

  /**
   * One that {@code front} calls.
   *
   * @param prepare of its callback, in YAML: empty, or from the comma on
   * @param preparing the status by which its service answers {@code /prepare}
   * @param reachable its control service is where it says
   */
  record Participant(String name, String prepare, int preparing, boolean reachable) {
    static Participant plain(String name) {
      return new Participant(name, "", 404, true);
    }

    static Participant unreachable(String name) {
      return new Participant(name, "", 404, false);
    }

    /** One that is asked; 204 says that there is nothing to confirm. */
    static Participant asked(String name, int preparing) {
      return new Participant(
          name, ", prepare: { path: /prepare }, prepare_read_only: [204]", preparing, true);
    }
  }

  private static void answer(HttpExchange exchange, Participant it) throws IOException {
    boolean asked = exchange.getRequestURI().getPath().equals("/prepare");
    SidecarRig.answer(
        exchange, asked ? it.preparing() : 200, asked && it.preparing() == 204 ? "" : it.name());
  }

  private void callAll(HttpExchange exchange) throws IOException, InterruptedException {
    List<String> said = new ArrayList<>();
    for (Member member : members) {
      if (member != front) {
        HttpResponse<String> answer =
            SidecarRig.send(
                front.port("to-" + member.name), "POST", "{}", SidecarRig.carried(exchange));
        said.add(answer.body());
      }
    }
    SidecarRig.answer(exchange, 200, String.join(" ", said));
  }

  private String config(
      String name, int service, String authority, String route, String outbound, String peers) {
    return """
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    bootstrap_extensions:
    - name: handfast.transaction_manager
      typed_config:
        "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
        service_name: %1$s
        store: { journal: { directory: %2$s/%1$s.journal } }
        control: { address: 127.0.0.1, port: 0%4$s }
        control_trust: PLAINTEXT
        local_cluster: service
    static_resources:
      listeners:
      - name: inbound
        traffic_direction: INBOUND
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: inbound
              route_config:
                virtual_hosts:
                - name: v
                  domains: ["*"]
                  routes:
                  - match: { prefix: / }
                    route: { cluster: service }
                    typed_per_filter_config:
                      handfast.transaction:
                        "@type": type.googleapis.com/handfast.transaction.v1.TransactionPerRoute
                        %5$s
              http_filters:
              - { name: handfast.transaction, typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.Transaction, trust: PLAINTEXT } }
              - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
    %6$s  clusters:
      - name: service
        load_assignment:
          cluster_name: service
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %3$d } } } }] }]
    %7$s\
    """
        .formatted(name, directory, service, authority, route, outbound, peers);
  }

  private static String outbound(String name) {
    return """
      - name: to-%1$s
        traffic_direction: OUTBOUND
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: to-%1$s
              route_config:
                virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: %1$s } }] }]
              http_filters:
              - { name: handfast.transaction, typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.Transaction } }
              - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
    """
        .formatted(name);
  }

  /** A request to {@code front}. */
  HttpResponse<String> send() throws IOException, InterruptedException {
    return SidecarRig.send(front.port("inbound"), "POST", "{}");
  }

  /** The paths for which the service of that name was asked, in order. */
  List<String> seen(String name) {
    return member(name).seen;
  }

  /** Records that its sidecar has written. */
  double records(String name) throws IOException {
    String stats = RawHttp.get(member(name).sidecar.adminAddress().getPort(), "/stats/prometheus");
    return stats
        .lines()
        .filter(line -> line.startsWith("handfast_journal_appends_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** What its sidecar says of transactions and branches, in JSON. */
  String transactions(String name) throws IOException {
    return RawHttp.get(member(name).sidecar.adminAddress().getPort(), "/transactions");
  }

  private Member member(String name) {
    return members.stream().filter(it -> it.name.equals(name)).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    members.forEach(Member::close);
  }

  private final class Member implements AutoCloseable {
    final String name;
    final List<String> seen = new CopyOnWriteArrayList<>();
    final HttpServer service;
    final Sidecar sidecar;

    Member(
        String name,
        String authority,
        String route,
        String outbound,
        String peers,
        SidecarRig.Service work)
        throws Exception {
      this.name = name;
      service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      service.createContext(
          "/",
          exchange -> {
            seen.add(exchange.getRequestURI().getPath());
            try (exchange) {
              work.serve(exchange);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      service.start();
      sidecar =
          Sidecars.start(
              config(name, service.getAddress().getPort(), authority, route, outbound, peers));
    }

    int port(String listener) {
      return sidecar.listenerAddress(listener).orElseThrow().getPort();
    }

    @Override
    public void close() {
      sidecar.close();
      service.stop(0);
    }
  }
}
