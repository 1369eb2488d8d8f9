package io.handfast.proxy.transaction;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.SanMatcher;
import io.handfast.proxy.tls.AcceptedNames;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.port.Peer;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who may vote for a call by message (T7): who has, by the certificate that he shows to the control
 * service, a name that the call's cluster accepts of its endpoints. Immutable.
 *
 * @param names that are accepted; empty: any
 */
record Voters(List<SanMatcher> names) implements Predicate<Peer> {
  private static final Voters ANYBODY = new Voters(List.of());

  static Voters of(@Nullable ClusterConfig cluster) {
    return cluster == null
        ? ANYBODY
        : cluster
            .tls()
            .flatMap(tls -> tls.common().validation())
            .map(PeerValidation::names)
            .map(Voters::new)
            .orElse(ANYBODY);
  }

  @Override
  public boolean test(Peer peer) {
    return switch (peer) {
      case Peer.Unproved _ -> true;
      case Peer.Proved proved ->
          names.isEmpty()
              || AcceptedNames.mayAccept(names, names(proved, true), names(proved, false));
    };
  }

  /** A URI has a colon, a DNS name has none. */
  private static List<String> names(Peer.Proved peer, boolean uris) {
    return peer.identities().stream()
        .map(PeerIdentity::name)
        .filter(name -> name.indexOf(':') >= 0 == uris)
        .toList();
  }
}
