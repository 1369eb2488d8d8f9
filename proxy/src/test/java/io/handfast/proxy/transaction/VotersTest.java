package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.match.StringMatch;
import io.handfast.proxy.config.tls.SanMatcher;
import io.handfast.proxy.config.tls.SanMatcher.SanType;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.port.Peer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class VotersTest {
  private static final SanMatcher BACK = exact(SanType.URI, "spiffe://mesh.example/back");
  private static final SanMatcher HOST = exact(SanType.DNS, "back.example.com");
  private static final SanMatcher ADDRESS = exact(SanType.IP_ADDRESS, "10.0.0.1");

  private static SanMatcher exact(SanType type, String name) {
    return new SanMatcher(type, new StringMatch.Exact(name, false));
  }

  private static Peer peer(String... names) {
    Set<PeerIdentity> identities =
        Stream.of(names).map(PeerIdentity::new).collect(Collectors.toSet());
    return new Peer.Proved(identities);
  }

  @Test
  void shouldTakeTheVoteOfWhomTheClusterNamesT7() {
    Voters voters = new Voters(List.of(BACK, HOST));
    assertThat(voters.test(peer("spiffe://mesh.example/back"))).isTrue();
    assertThat(voters.test(peer("back.example.com"))).isTrue();
    assertThat(voters.test(peer("*.example.com"))).isTrue();
    assertThat(voters.test(peer("spiffe://mesh.example/other", "back.example.com"))).isTrue();
  }

  @Test
  void shouldRefuseTheVoteOfWhomTheClusterDoesNotNameT7() {
    Voters voters = new Voters(List.of(BACK, HOST));
    assertThat(voters.test(peer("spiffe://mesh.example/other"))).isFalse();
    assertThat(voters.test(peer("other.example.com"))).isFalse();
    assertThat(voters.test(peer())).isFalse();
  }

  @Test
  void shouldTakeEverybodysVoteWhereNothingCanBeComparedT7() {
    assertThat(new Voters(List.of()).test(peer("spiffe://mesh.example/other"))).isTrue();
    assertThat(new Voters(List.of(ADDRESS)).test(peer("spiffe://mesh.example/other"))).isTrue();
    assertThat(new Voters(List.of(BACK)).test(new Peer.Unproved())).isTrue();
  }
}
