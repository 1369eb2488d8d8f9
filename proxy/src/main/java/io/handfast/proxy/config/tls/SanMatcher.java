package io.handfast.proxy.config.tls;

import io.handfast.proxy.config.match.StringMatch;

/**
 * A subject alternative name that is accepted ({@code SubjectAltNameMatcher}).
 *
 * @param type of the name; an exact DNS name is also matched by a wildcard of the certificate
 * @param match of its text; IP addresses are in canonical form
 */
public record SanMatcher(SanType type, StringMatch match) {

  /** Kinds of names. */
  public enum SanType {
    EMAIL,
    DNS,
    URI,
    IP_ADDRESS
  }
}
