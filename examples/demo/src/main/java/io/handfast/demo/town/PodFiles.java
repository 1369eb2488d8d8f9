package io.handfast.demo.town;

import io.handfast.demo.town.Ports.Member;
import java.util.Map;

/**
 * The mesh's files as they are in pods: what is at a port of its own on loopback there is at the
 * same port of an address of its own here. Pure.
 *
 * <pre>
 *   in the file                              in a pod
 *   127.0.0.1:18n00, its inbound listener    every address, 15006: connections to the service
 *   127.0.0.1:18n01, one for each peer       the peer's address, which nobody binds
 *   127.0.0.1:18m00, a peer                  the peer's address and port
 *   127.0.0.1:18n80, the service             127.0.0.1:8080
 *   127.0.0.1:18n90, administration          every address, 15000
 *   127.0.0.1:18n14, control                 every address, 15014
 * </pre>
 */
final class PodFiles {
  static final int SERVICE = 8080;
  static final int ADMIN = 15_000;
  static final int CONTROL = 15_014;
  static final int INBOUND = 15_006;

  private static final String ORIGINAL_DST =
      """
          listener_filters:
          - name: envoy.filters.listener.original_dst
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst
      """;

  private PodFiles() {}

  /**
   * The file of a member.
   *
   * @param addresses at which members are called
   * @param control at which others tell it outcomes
   */
  static String rewrite(String file, Member own, Map<Member, String> addresses, String control) {
    Ports ports = new Ports(Ports.DEFAULT_BASE);
    String text = file;
    for (Member peer : Member.values()) {
      String called = socket(addresses.getOrDefault(peer, ""), SERVICE);
      if (peer == own) {
        text =
            text.replace(
                line(ports.inbound(own)),
                indent(socket(any(addresses, own), INBOUND)) + ORIGINAL_DST);
      } else {
        text =
            text.replace(
                "address: { " + loopback(ports.inbound(peer)) + " }",
                "address: { " + called + " }");
      }
    }
    int nth = 1;
    for (Member peer : peers(own)) {
      text =
          text.replace(
              line(ports.outbound(own, nth)),
              indent(socket(addresses.getOrDefault(peer, ""), SERVICE))
                  + "    bind_to_port: false\n");
      nth++;
    }
    text = text.replace(loopback(ports.service(own)), socket("127.0.0.1", SERVICE));
    text = text.replace(loopback(ports.admin(own)), socket("0.0.0.0", ADMIN));
    return text.replace(
            "control: { address: 127.0.0.1, port: %d, authority: \"127.0.0.1:%1$d\" }"
                .formatted(ports.control(own)),
            "control: { address: 0.0.0.0, port: %d, authority: \"%s:%1$d\" }"
                .formatted(CONTROL, control))
        .replace("  clusters:\n", OUTBOUND_LISTENERS + "\n  clusters:\n" + PASS_THROUGH);
  }

  private static String any(Map<Member, String> addresses, Member own) {
    return addresses.getOrDefault(own, "").indexOf(':') >= 0 ? "::" : "0.0.0.0";
  }

  private static Member[] peers(Member own) {
    return switch (own) {
      case TRANSFERS, AUDIT -> new Member[] {Member.BANK_A, Member.BANK_B};
      case BANK_A, BANK_B -> new Member[] {Member.AUDIT};
    };
  }

  private static String line(int port) {
    return indent(loopback(port));
  }

  private static String indent(String socket) {
    return "      " + socket + "\n";
  }

  private static String loopback(int port) {
    return socket("127.0.0.1", port);
  }

  private static String socket(String address, int port) {
    String quoted = address.indexOf(':') >= 0 ? "\"" + address + "\"" : address;
    return "socket_address: { address: " + quoted + ", port_value: " + port + " }";
  }

  /** What is redirected comes here, and goes to the listener of its address, or on unseen. */
  private static final String OUTBOUND_LISTENERS = outbound("0.0.0.0") + outbound("\"::\"");

  private static String outbound(String address) {
    return """

      # ---- Outbound, redirected: to the listener of the peer's address; if there is none, to where it wanted to go.
      - name: redirected-%1$s
        traffic_direction: OUTBOUND
        address:
          socket_address: { address: %2$s, port_value: 15001 }
        use_original_dst: true
    %3$s
        filter_chains:
        - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: redirected
              route_config:
                name: pass-through
                virtual_hosts:
                - name: anybody
                  domains: ["*"]
                  routes: [{ match: { prefix: / }, route: { cluster: pass-through } }]
              http_filters:
              - name: envoy.filters.http.router
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
    """
        .formatted(address.indexOf(':') >= 0 ? "v6" : "v4", address, ORIGINAL_DST.stripTrailing());
  }

  private static final String PASS_THROUGH =
      """
        - name: pass-through
          type: ORIGINAL_DST
          lb_policy: CLUSTER_PROVIDED
          connect_timeout: 1s

      """;
}
