package io.handfast.proxy.http.h1;

import io.handfast.proxy.config.Http1Options;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.field.Chars;
import io.handfast.proxy.http.field.HostSyntax;
import java.util.Locale;

/** Parses a request's start line and checks what belongs to it: version, target, host. */
final class RequestLine {
  private static final String[] METHODS = {"GET", "POST", "PUT", "DELETE", "HEAD", "CONNECT"};

  private final Http1Options options;

  /** Of the last request: the next is most likely for the same. */
  private String knownHost = "";

  RequestLine(Http1Options options) {
    this.options = options;
  }

  /**
   * Parses a complete block. The {@code host} becomes the authority, an absolute form wins over it.
   */
  RequestHead parse(HeadBlock block) throws H1Exception {
    byte[] bytes = block.bytes();
    int start = block.position();
    int end = block.nextLine();
    int methodEnd = start;
    while (methodEnd < end && Chars.isToken(bytes[methodEnd])) {
      methodEnd++;
    }
    int targetEnd = methodEnd + 1;
    while (targetEnd < end && Chars.isTarget(bytes[targetEnd])) {
      targetEnd++;
    }
    if (methodEnd == start
        || methodEnd >= end
        || bytes[methodEnd] != ' '
        || targetEnd == methodEnd + 1
        || targetEnd >= end
        || bytes[targetEnd] != ' ') {
      throw H1Exception.badRequest(
          "bad_request_line", "request line: malformed (expected: METHOD SP target SP HTTP/1.1)");
    }
    HttpProtocol protocol = Version.parse(bytes, targetEnd + 1, end);
    String method = method(block, start, methodEnd);
    String target = block.text(methodEnd + 1, targetEnd);
    Headers headers = block.fields();
    return head(protocol, method, target, headers);
  }

  private static String method(HeadBlock block, int start, int end) {
    for (String known : METHODS) {
      if (block.is(start, end, known)) {
        return known;
      }
    }
    return block.text(start, end);
  }

  private RequestHead head(HttpProtocol protocol, String method, String target, Headers headers)
      throws H1Exception {
    String host = host(protocol, headers);
    headers.remove("host");
    if (target.indexOf('#') >= 0) {
      throw H1Exception.badRequest("bad_target", "target: has a fragment (expected: none)");
    }
    if (method.equals("CONNECT")) {
      return connect(protocol, target, headers);
    }
    if (target.charAt(0) == '/' || (target.equals("*") && method.equals("OPTIONS"))) {
      return new RequestHead(protocol, method, "http", host, target, headers);
    }
    return absolute(protocol, method, target, headers);
  }

  /** The target is the authority, whatever {@code host} says. */
  private static RequestHead connect(HttpProtocol protocol, String target, Headers headers)
      throws H1Exception {
    if (!HostSyntax.isAuthorityForm(target)) {
      throw H1Exception.badRequest(
          "bad_target", "target: malformed (expected, with CONNECT: host ':' port)");
    }
    return new RequestHead(protocol, "CONNECT", "http", target, "", headers);
  }

  private RequestHead absolute(HttpProtocol protocol, String method, String target, Headers headers)
      throws H1Exception {
    int colon = target.indexOf("://");
    String scheme = colon < 0 ? "" : target.substring(0, colon).toLowerCase(Locale.ROOT);
    if (!options.allowAbsoluteUrl() || !(scheme.equals("http") || scheme.equals("https"))) {
      throw H1Exception.badRequest(
          "bad_target", "target: neither a path nor a URL that is allowed");
    }
    int authorityStart = colon + 3;
    int pathStart = authorityStart;
    while (pathStart < target.length() && "/?".indexOf(target.charAt(pathStart)) < 0) {
      pathStart++;
    }
    String authority = target.substring(authorityStart, pathStart);
    if (authority.isEmpty()) {
      throw H1Exception.badRequest("bad_target", "target: URL without a host (expected: one)");
    }
    String path = target.substring(pathStart);
    if (path.isEmpty() && method.equals("OPTIONS")) {
      path = "*";
    } else if (!path.startsWith("/")) {
      path = "/" + path;
    }
    return new RequestHead(protocol, method, "http", checkHost(authority), path, headers);
  }

  private String host(HttpProtocol protocol, Headers headers) throws H1Exception {
    int at = headers.indexOf("host", 0);
    if (at >= 0) {
      if (headers.indexOf("host", at + 1) >= 0) {
        throw H1Exception.badRequest("two_hosts", "host: more than one (expected: one)");
      }
      if (knownHost.isEmpty() || !headers.valueIs(at, knownHost)) {
        knownHost = checkHost(headers.value(at));
      }
      return knownHost;
    }
    if (protocol == HttpProtocol.HTTP_1_0) {
      if (!options.defaultHostForHttp10().isEmpty() || !options.acceptHttp10()) {
        return options.defaultHostForHttp10();
      }
    }
    throw H1Exception.badRequest("missing_host", "host: missing (expected: one)");
  }

  private static String checkHost(String host) throws H1Exception {
    if (!HostSyntax.isValid(host)) {
      throw H1Exception.badRequest("bad_host", "host: malformed (expected: host [':' port])");
    }
    return host;
  }
}
