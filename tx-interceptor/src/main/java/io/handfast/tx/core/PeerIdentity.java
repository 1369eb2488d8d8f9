package io.handfast.tx.core;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whom a certificate names: a URI, in a mesh a SPIFFE ID, or a DNS name (rule T20). All replicas of
 * a service may have the same.
 *
 * @param name a URI has a colon, a DNS name has none and is in lower case
 */
public record PeerIdentity(String name) implements Comparable<PeerIdentity> {
  /** Characters of a name. */
  public static final int MAX_LENGTH = 255;

  /** What the written form looks like, for error texts. */
  public static final String EXPECTED =
      "a URI or DNS name of 1 to 255 visible ASCII characters without ; , \" and \\";

  public PeerIdentity {
    if (!isName(name)) {
      throw new IllegalArgumentException("identity: " + name + " (expected: " + EXPECTED + ")");
    }
  }

  /** Reads the written form, or gives null. */
  public static @Nullable PeerIdentity parse(String text) {
    return isName(text) ? new PeerIdentity(text) : null;
  }

  /** A subject alternative name that is a URI; null for one that cannot be written. */
  public static @Nullable PeerIdentity ofUri(String uri) {
    return uri.indexOf(':') > 0 ? parse(uri) : null;
  }

  /** A subject alternative name that is a DNS name; null for one that cannot be written. */
  public static @Nullable PeerIdentity ofDnsName(String dnsName) {
    return dnsName.indexOf(':') < 0 ? parse(dnsName.toLowerCase(Locale.ROOT)) : null;
  }

  /** With what the name of one begins of whom only a digest is known. */
  private static final String DIGEST = "sha256-64:";

  /**
   * One of whom only a digest is known, where there is no room for more.
   *
   * @param digest the first 64 bits of SHA-256 of the name, 16 hexadecimal digits
   */
  public static PeerIdentity ofDigest(String digest) {
    return new PeerIdentity(DIGEST + digest);
  }

  /** The digest by which alone it is known; null if its name is. */
  public @Nullable String knownDigest() {
    return name.startsWith(DIGEST) ? name.substring(DIGEST.length()) : null;
  }

  private static boolean isName(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == ';' || c == ',' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(PeerIdentity other) {
    return name.compareTo(other.name);
  }

  /** The written form. */
  @Override
  public String toString() {
    return name;
  }
}
