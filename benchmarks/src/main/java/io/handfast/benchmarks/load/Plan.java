package io.handfast.benchmarks.load;

import java.util.List;
import java.util.Map;

/**
 * What to send.
 *
 * @param rate requests a second of all clients together; 0: as many as go
 * @param bodies of POSTs, in turn, with {@code {n}} for a number that no other request has; none:
 *     GETs
 */
record Plan(
    int port,
    String path,
    int clients,
    double seconds,
    double uncounted,
    double rate,
    List<String> bodies) {

  static Plan of(Map<String, String> options) {
    return new Plan(
        Integer.parseInt(required(options, "port")),
        options.getOrDefault("path", "/"),
        Integer.parseInt(required(options, "clients")),
        Double.parseDouble(required(options, "seconds")),
        Double.parseDouble(options.getOrDefault("uncounted", "0")),
        Double.parseDouble(options.getOrDefault("rate", "0")),
        options.getOrDefault("bodies", "").lines().toList());
  }

  private static String required(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + ": missing (expected: " + name + "=N)");
    }
    return value;
  }

  byte[] request(long number) {
    String head = "%s " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + port + "\r\n";
    if (bodies.isEmpty()) {
      return Wire.ascii(head.formatted("GET") + "\r\n");
    }
    String body = bodies.get((int) (number % bodies.size()));
    String content = body.replace("{n}", String.valueOf(number));
    return Wire.ascii(
        head.formatted("POST")
            + "content-type: application/json\r\ncontent-length: "
            + content.length()
            + "\r\n\r\n"
            + content);
  }
}
