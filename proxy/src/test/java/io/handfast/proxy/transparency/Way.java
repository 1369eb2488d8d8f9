package io.handfast.proxy.transparency;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a request gets to the service.
 *
 * @param client what the client speaks
 * @param link what two sidecars speak with each other; null if there is only one
 * @param service what the service is spoken to with
 * @param mutualTls between the sidecars, or between the client and the one sidecar
 */
record Way(Http client, @Nullable Http link, Http service, boolean mutualTls) {

  /** A version of HTTP. */
  enum Http {
    H1,
    H2;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** All of them. */
  static Stream<Way> all() {
    List<Way> ways = new ArrayList<>();
    for (Http client : Http.values()) {
      for (Http service : Http.values()) {
        for (boolean tls : new boolean[] {false, true}) {
          ways.add(new Way(client, null, service, tls));
          ways.add(new Way(client, Http.H1, service, tls));
          ways.add(new Way(client, Http.H2, service, tls));
        }
      }
    }
    return ways.stream();
  }

  /** Those on which there is nothing but HTTP/2. */
  static Stream<Way> allHttp2() {
    return all()
        .filter(way -> way.client == Http.H2 && way.service == Http.H2 && way.link != Http.H1);
  }

  static Stream<Way> withClient(Http client) {
    return all().filter(way -> way.client == client);
  }

  static Stream<Way> withService(Http service) {
    return all().filter(way -> way.service == service);
  }

  /**
   * Whether one direction can end before the other. HTTP/2 does that with a stream, and TCP with a
   * connection; TLS ends both at once.
   */
  boolean endsApart() {
    return !mutualTls || (link == null ? client : link) == Http.H2;
  }

  /** The listener of the first sidecar on the way. */
  String listener() {
    return link == null ? inbound() : "out-" + link.text() + "-" + inbound();
  }

  /** The listener of the service's sidecar. */
  String inbound() {
    return "in-" + service.text() + (mutualTls ? "-mtls" : "-plain");
  }

  @Override
  public String toString() {
    String tls = mutualTls ? "=" : "-";
    return client
        + (link == null ? tls + "sidecar-" : "-sidecar" + tls + link + tls + "sidecar-")
        + service;
  }
}
