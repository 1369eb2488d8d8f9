package io.handfast.proxy.route;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request, and what comes of it: the status, where it is redirected to, the body, and the fields
 * {@code x-…} of the response behind {@code <}. The body of a service tells what reached it.
 *
 * @param request {@code [listener] METHOD authority target | field: value …}; without a listener,
 *     {@code plain} is meant; <code>${port}</code> is the listener's
 * @param envoys the outcome at an Envoy, where it is meant to be another
 */
record RouteCase(String request, String outcome, String envoys) {
  private static final Pattern CASE =
      Pattern.compile(
          "^((?:\\[\\w+] )?[A-Z]\\S* .*)\\n {2}(.*)(?:\\n {2}envoy: (.*))?$", Pattern.MULTILINE);
  private static final Pattern REQUEST = Pattern.compile("(?:\\[(\\w+)] )?(.*)");
  private static final Pattern SHOWN =
      Pattern.compile("(x-(?!envoy-upstream-service-time).*|grpc-.*)");
  private static final int LIMIT_MILLIS = 10_000;

  static List<RouteCase> all() {
    Matcher cases = CASE.matcher(resource("cases.txt"));
    List<RouteCase> all = new ArrayList<>();
    while (cases.find()) {
      String envoys = cases.group(3);
      all.add(
          new RouteCase(cases.group(1), cases.group(2), envoys == null ? cases.group(2) : envoys));
    }
    return all;
  }

  static String resource(String name) {
    try (InputStream in = RouteCase.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What comes of it at a proxy.
   *
   * @param ports of its listeners
   */
  String send(ToIntFunction<String> ports) throws IOException {
    Matcher split = REQUEST.matcher(request);
    if (!split.matches()) {
      throw new IllegalStateException(request);
    }
    int port = ports.applyAsInt(split.group(1) == null ? "plain" : split.group(1));
    String filled = split.group(2).replace("${port}", Integer.toString(port));
    List<String> parts = Arrays.asList(filled.split(" \\| ", -1));
    String[] line = parts.getFirst().split(" ", 3);
    StringBuilder text = new StringBuilder(line[0] + " " + line[2] + " HTTP/1.1\r\n");
    text.append("host: ").append(line[1]).append("\r\n");
    for (String field : parts.subList(1, parts.size())) {
      text.append(field).append("\r\n");
    }
    if (!request.contains("connection: ") && !line[0].equals("CONNECT")) {
      text.append("connection: close\r\n");
    }
    if (line[0].startsWith("P")) {
      text.append("content-length: 0\r\n");
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(LIMIT_MILLIS);
      socket
          .getOutputStream()
          .write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
      return read(socket.getInputStream()).replace(":" + port, ":${port}");
    }
  }

  private static String read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return "closed after '" + head + "'";
      }
      head.append((char) next);
    }
    List<String> lines = head.toString().lines().toList();
    List<String> shown = new ArrayList<>();
    String location = "";
    int length = 0;
    for (String line : lines.subList(1, lines.size() - 1)) {
      String[] field = line.split(": ?", 2);
      String name = field[0].toLowerCase(Locale.ROOT);
      if (name.equals("location")) {
        location = " -> " + field[1];
      } else if (name.equals("content-length")) {
        length = Integer.parseInt(field[1]);
      } else if (SHOWN.matcher(name).matches()) {
        shown.add(" < " + name + ": " + field[1]);
      }
    }
    shown.sort(Comparator.comparing(field -> field.substring(0, field.indexOf(':'))));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return lines.getFirst().split(" ", 3)[1]
        + location
        + (body.isEmpty() ? "" : " " + body)
        + String.join("", shown);
  }

  @Override
  public String toString() {
    return request;
  }
}
