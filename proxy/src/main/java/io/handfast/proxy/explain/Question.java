package io.handfast.proxy.explain;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The request that is asked about.
 *
 * @param path with the query
 * @param headers by lower-case name, in order
 * @param listener its name; empty: any
 * @param port that it comes in at; empty: any
 * @param tls whether the client speaks TLS
 * @param serverName that it asks for by SNI; may be empty
 * @param applicationProtocols that it offers
 * @param source the client's address
 */
public record Question(
    String method,
    String host,
    String path,
    List<Map.Entry<String, String>> headers,
    Optional<String> listener,
    OptionalInt port,
    boolean tls,
    String serverName,
    List<String> applicationProtocols,
    InetAddress source) {

  public Question {
    headers = List.copyOf(headers);
    applicationProtocols = List.copyOf(applicationProtocols);
  }

  /** A new head, as it comes in. */
  RequestHead head() {
    Headers fields = new Headers();
    headers.forEach(field -> fields.add(field.getKey(), field.getValue()));
    return new RequestHead(
        HttpProtocol.HTTP_1_1, method, tls ? "https" : "http", host, path, fields);
  }
}
