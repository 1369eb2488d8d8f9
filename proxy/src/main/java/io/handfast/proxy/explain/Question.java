package io.handfast.proxy.explain;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  private static final Pattern HOST_AND_PORT = Pattern.compile("(?:[^:]*|\\[.*]):(\\d{1,5})");

  public Question {
    headers = List.copyOf(headers);
    applicationProtocols = List.copyOf(applicationProtocols);
  }

  /** The port that the host is given with. */
  OptionalInt hostPort() {
    Matcher matcher = HOST_AND_PORT.matcher(host);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** A new head, as it comes in. */
  RequestHead head() {
    Headers fields = new Headers();
    headers.forEach(field -> fields.add(field.getKey(), field.getValue()));
    return new RequestHead(
        HttpProtocol.HTTP_1_1, method, tls ? "https" : "http", host, path, fields);
  }
}
