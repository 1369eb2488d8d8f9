package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.field.Chars;
import io.handfast.proxy.http.field.HostSyntax;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import org.jspecify.annotations.Nullable;

/** From field sections to heads and back (RFC 9113 sections 8.2 and 8.3). Pure. */
final class Heads {
  /** No {@code content-length}. */
  static final long NO_LENGTH = -1;

  /** A {@code content-length} has at most that many digits, so that no sum overflows. */
  private static final int MAX_LENGTH_DIGITS = 18;

  private Heads() {}

  /**
   * The request that a section is the head of. The scheme is the transport's, whatever the client
   * says; an extended CONNECT is the GET that HTTP/1.1 would upgrade.
   *
   * @param allowProtocol extended CONNECT was offered
   * @throws H2Exception of the stream: malformed
   */
  static RequestHead request(int streamId, FieldSection section, boolean allowProtocol)
      throws H2Exception {
    String method = section.method();
    String path = section.path();
    String protocol = section.protocol();
    String malformed = section.malformed();
    if (malformed != null || section.status() != null) {
      throw malformed(streamId, malformed == null ? ":status in a request" : malformed);
    }
    if (method == null || !isToken(method)) {
      throw malformed(streamId, ":method missing or no token");
    }
    boolean connect = method.equals("CONNECT");
    if (protocol != null && !(connect && allowProtocol && isToken(protocol))) {
      throw malformed(streamId, ":protocol not asked for, or not with CONNECT, or no token");
    }
    if (connect && protocol == null) {
      // It has neither scheme nor path (section 8.5).
      if (section.scheme() != null || path != null || section.authority() == null) {
        throw malformed(streamId, "CONNECT with more or less than :authority");
      }
      path = "";
    } else if (!"http".equals(section.scheme()) && !"https".equals(section.scheme())) {
      throw malformed(streamId, ":scheme missing or unknown");
    } else if (path == null || !isTarget(method, path)) {
      throw malformed(streamId, ":path missing or no path");
    }
    Headers fields = section.fields();
    String authority = authority(streamId, section.authority(), fields);
    if (connect) {
      fields.remove("content-length"); // what follows is no content
    }
    RequestHead head =
        new RequestHead(
            HttpProtocol.HTTP_2,
            protocol == null ? method : "GET",
            "http",
            authority,
            path,
            fields);
    head.upgrade(protocol);
    return head;
  }

  /** {@code :authority}; a {@code host} stands in for it, or must say the same. */
  private static String authority(int streamId, @Nullable String named, Headers fields)
      throws H2Exception {
    int at = fields.indexOf("host", 0);
    String host = at < 0 ? null : fields.value(at);
    if (host != null && fields.indexOf("host", at + 1) >= 0) {
      throw malformed(streamId, "host twice");
    }
    if (named != null && host != null && !named.equalsIgnoreCase(host)) {
      throw malformed(streamId, "host that is not :authority");
    }
    fields.remove("host");
    String authority = named == null ? host : named;
    if (authority == null || authority.isEmpty()) {
      throw malformed(streamId, ":authority missing");
    }
    if (!HostSyntax.isValid(authority)) {
      throw malformed(streamId, ":authority is not host [':' port]");
    }
    return authority;
  }

  /** The response that a section is the head of. */
  static ResponseHead response(int streamId, FieldSection section) throws H2Exception {
    String text = section.status();
    String malformed = section.malformed();
    boolean others =
        section.method() != null
            || section.scheme() != null
            || section.authority() != null
            || section.protocol() != null
            || section.path() != null;
    if (malformed != null || others || text == null || text.length() != 3) {
      throw malformed(streamId, malformed == null ? ":status missing" : malformed);
    }
    int status = 0;
    for (int i = 0; i < 3; i++) {
      status = status * 10 + (text.charAt(i) - '0');
    }
    boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits || status < 100 || status > 599 || status == 101) {
      throw malformed(streamId, ":status is not 100 to 599, without 101");
    }
    return new ResponseHead(status, section.fields());
  }

  /** The trailers that a section is. */
  static Headers trailers(int streamId, FieldSection section) throws H2Exception {
    String malformed = section.malformed();
    if (malformed != null || section.hasPseudo()) {
      throw malformed(streamId, malformed == null ? "pseudo-header field in trailers" : malformed);
    }
    return section.fields();
  }

  /** The {@code content-length}, or {@link #NO_LENGTH}. */
  static long length(int streamId, Headers fields) throws H2Exception {
    int at = fields.indexOf("content-length", 0);
    if (at < 0) {
      return NO_LENGTH;
    }
    String value = fields.value(at);
    boolean digits = !value.isEmpty() && value.length() <= MAX_LENGTH_DIGITS;
    long length = 0;
    for (int i = 0; i < value.length() && digits; i++) {
      int digit = value.charAt(i) - '0';
      digits = digit >= 0 && digit <= 9;
      length = length * 10 + digit;
    }
    if (!digits || fields.indexOf("content-length", at + 1) >= 0) {
      throw malformed(streamId, "content-length is not one number");
    }
    return length;
  }

  static H2Exception malformed(int streamId, String what) {
    return H2Exception.stream(streamId, H2Error.PROTOCOL_ERROR, "malformed: " + what);
  }

  private static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!Chars.isToken((byte) text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean isTarget(String method, String path) {
    if (path.isEmpty() || (path.charAt(0) != '/' && !isAsterisk(method, path))) {
      return false;
    }
    for (int i = 0; i < path.length(); i++) {
      if (!Chars.isTarget((byte) path.charAt(i)) || path.charAt(i) == '#') {
        return false;
      }
    }
    return true;
  }

  private static boolean isAsterisk(String method, String path) {
    return path.equals("*") && method.equals("OPTIONS");
  }
}
