package io.handfast.proxy.http.h2.hpack;

import io.handfast.proxy.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What a field section has said: pseudo-header fields and header fields, checked one by one as they
 * are decoded (RFC 9113 section 8.2). Whatever is wrong is noted and the rest decoded all the same,
 * for the table must stay in step with the peer's. Confined to the connection's loop.
 */
public final class FieldSection {
  private final int maxFields;
  private Headers fields = new Headers();
  private @Nullable String method;
  private @Nullable String scheme;
  private @Nullable String authority;
  private @Nullable String path;
  private @Nullable String protocol;
  private @Nullable String status;
  private @Nullable String malformed;
  private @Nullable StringBuilder cookies;
  private boolean pseudo;
  private boolean tooLarge;

  public FieldSection(int maxFields) {
    this.maxFields = maxFields;
  }

  /** For the next section. */
  void reset() {
    fields = new Headers();
    method = null;
    scheme = null;
    authority = null;
    path = null;
    protocol = null;
    status = null;
    malformed = null;
    cookies = null;
    pseudo = false;
    tooLarge = false;
  }

  void add(HpackField field) {
    if (malformed != null || tooLarge) {
      return;
    }
    String value = field.value();
    malformed = field.wrong();
    if (malformed != null) {
      return;
    }
    switch (field.kind()) {
      case FIELD -> append(field.name(), value);
      case METHOD -> method = once(field, method);
      case SCHEME -> scheme = once(field, scheme);
      case AUTHORITY -> authority = once(field, authority);
      case PATH -> path = once(field, path);
      case PROTOCOL -> protocol = once(field, protocol);
      case STATUS -> status = once(field, status);
      case UNKNOWN_PSEUDO -> once(field, "");
      // A client may split it, for compression (section 8.2.3).
      case COOKIE -> {
        if (cookies == null) {
          cookies = new StringBuilder(value);
        } else if (!value.isEmpty()) { // an empty one would leave a space at the end, or two
          cookies.append(cookies.isEmpty() ? "" : "; ").append(value);
        }
      }
    }
  }

  /** It was sent so that nobody remembers it, and goes on so. */
  void neverIndex(HpackField field) {
    if (field.kind() == HpackField.Kind.FIELD || field.kind() == HpackField.Kind.COOKIE) {
      fields.neverIndex(field.name());
    }
  }

  /** Pseudo-header fields come once each, and first. */
  private String once(HpackField field, @Nullable String before) {
    pseudo = true;
    if (!fields.isEmpty() || cookies != null) {
      malformed = field.name() + " behind header fields";
    } else if (before != null) {
      malformed = field.name() + " twice, or unknown";
    }
    return field.value();
  }

  private void append(String name, String value) {
    if (fields.size() == maxFields) {
      tooLarge = true;
    } else {
      fields.add(name, value);
    }
  }

  void tooLarge() {
    tooLarge = true;
  }

  /** The header fields; whoever takes them owns them. */
  public Headers fields() {
    if (cookies != null) {
      fields.add("cookie", cookies.toString());
      cookies = null;
    }
    return fields;
  }

  public @Nullable String method() {
    return method;
  }

  public @Nullable String scheme() {
    return scheme;
  }

  public @Nullable String authority() {
    return authority;
  }

  public @Nullable String path() {
    return path;
  }

  /** Of an extended CONNECT (RFC 8441). */
  public @Nullable String protocol() {
    return protocol;
  }

  public @Nullable String status() {
    return status;
  }

  /** What breaks the rules; null if nothing does. */
  public @Nullable String malformed() {
    return malformed;
  }

  public boolean hasPseudo() {
    return pseudo;
  }

  public boolean isTooLarge() {
    return tooLarge;
  }
}
