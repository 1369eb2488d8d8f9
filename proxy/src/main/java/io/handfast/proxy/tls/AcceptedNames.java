package io.handfast.proxy.tls;

import io.handfast.proxy.config.match.StringMatch;
import io.handfast.proxy.config.tls.SanMatcher;
import io.handfast.proxy.config.tls.SanMatcher.SanType;
import java.util.Collection;
import java.util.List;

/** Which names of a certificate a validation context accepts. Stateless. */
public final class AcceptedNames {
  private AcceptedNames() {}

  /**
   * Whether a peer of whom no more than these names are known could be one that is accepted.
   *
   * @param accepted empty: any
   * @param uris what the certificate's subject alternative names are, of that type
   * @param dnsNames likewise
   * @return true also where names are accepted of other types only: they are not known of the peer
   */
  public static boolean mayAccept(
      List<SanMatcher> accepted, Collection<String> uris, Collection<String> dnsNames) {
    boolean comparable = false;
    for (SanMatcher matcher : accepted) {
      boolean uri = matcher.type() == SanType.URI;
      if (uri || matcher.type() == SanType.DNS) {
        comparable = true;
        if (uri
            ? uris.stream().anyMatch(matcher.match()::matches)
            : matchesDns(matcher.match(), dnsNames)) {
          return true;
        }
      }
    }
    return !comparable;
  }

  /** An exact name is that of a host: a wildcard of the certificate stands for it. */
  static boolean matchesDns(StringMatch match, Collection<String> dnsNames) {
    return match instanceof StringMatch.Exact exact
        ? hasDnsName(dnsNames, exact.value())
        : dnsNames.stream().anyMatch(match::matches);
  }

  static boolean hasDnsName(Collection<String> dnsNames, String host) {
    return dnsNames.stream().anyMatch(pattern -> DnsNames.match(pattern, host));
  }
}
