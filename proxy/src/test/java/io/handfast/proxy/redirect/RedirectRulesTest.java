package io.handfast.proxy.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.config.listener.CidrRange;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RedirectRulesTest {
  private static final RedirectPlan EVERYTHING = RedirectPlans.everythingBut();
  private static final RedirectPlan SOME =
      new RedirectPlan(
          16006,
          16001,
          List.of(7L, 8L),
          List.of(),
          List.of(8080, 80),
          List.of(22),
          List.of(5432, 25),
          List.of(range("10.0.0.0", 8), range("fd00::", 8)),
          List.of(range("10.9.0.0", 16), range("fd09::", 16), range("127.0.0.0", 8)));

  private static CidrRange range(String address, int length) {
    return new CidrRange(InetAddress.ofLiteral(address), length);
  }

  @Test
  void shouldRedirectEverythingButLoopbackAndTheSidecarsOwnByNft() {
    assertThat(NftRules.install(EVERYTHING, true))
        .isEqualTo(
            """
            table inet handfast
            delete table inet handfast
            table inet handfast {
              chain prerouting {
                type nat hook prerouting priority -100; policy accept;
                iifname "lo" return
                tcp dport { 15014, 15020, 15021, 15090 } return
                meta l4proto tcp redirect to :15006
              }
              chain output {
                type nat hook output priority -100; policy accept;
                meta skuid 1337 return
                meta skgid 1337 return
                oifname "lo" return
                ip daddr 127.0.0.0/8 return
                ip6 daddr 0:0:0:0:0:0:0:1/128 return
                meta l4proto tcp redirect to :15001
              }
            }
            """);
  }

  @Test
  void shouldRedirectWhatIsAskedForByNft() {
    assertThat(NftRules.install(SOME, false))
        .isEqualTo(
            """
            table inet handfast
            delete table inet handfast
            table inet handfast {
              chain prerouting {
                type nat hook prerouting priority -100; policy accept;
                meta nfproto ipv6 return
                iifname "lo" return
                tcp dport { 22 } return
                tcp dport { 80, 8080 } redirect to :16006
              }
              chain output {
                type nat hook output priority -100; policy accept;
                meta nfproto ipv6 return
                meta skuid 7 return
                meta skuid 8 return
                oifname "lo" return
                tcp dport { 25, 5432 } return
                ip daddr 127.0.0.0/8 return
                ip daddr 10.9.0.0/16 return
                ip6 daddr 0:0:0:0:0:0:0:1/128 return
                ip6 daddr fd09:0:0:0:0:0:0:0/16 return
                ip daddr 10.0.0.0/8 meta l4proto tcp redirect to :16001
                ip6 daddr fd00:0:0:0:0:0:0:0/8 meta l4proto tcp redirect to :16001
              }
            }
            """);
  }

  @Test
  void shouldRedirectEverythingButLoopbackAndTheSidecarsOwnByIptables() {
    assertThat(IptablesRules.install(EVERYTHING, false, IptablesRules.JUMPS))
        .isEqualTo(
            """
            *nat
            :HANDFAST_INBOUND - [0:0]
            :HANDFAST_OUTBOUND - [0:0]
            -A HANDFAST_INBOUND -i lo -j RETURN
            -A HANDFAST_INBOUND -p tcp --dport 15014 -j RETURN
            -A HANDFAST_INBOUND -p tcp --dport 15020 -j RETURN
            -A HANDFAST_INBOUND -p tcp --dport 15021 -j RETURN
            -A HANDFAST_INBOUND -p tcp --dport 15090 -j RETURN
            -A HANDFAST_INBOUND -p tcp -j REDIRECT --to-ports 15006
            -A HANDFAST_OUTBOUND -m owner --uid-owner 1337 -j RETURN
            -A HANDFAST_OUTBOUND -m owner --gid-owner 1337 -j RETURN
            -A HANDFAST_OUTBOUND -o lo -j RETURN
            -A HANDFAST_OUTBOUND -d 127.0.0.0/8 -j RETURN
            -A HANDFAST_OUTBOUND -p tcp -j REDIRECT --to-ports 15001
            -A PREROUTING -p tcp -j HANDFAST_INBOUND
            -A OUTPUT -p tcp -j HANDFAST_OUTBOUND
            COMMIT
            """);
  }

  @Test
  void shouldRedirectWhatIsAskedForByIptables() {
    assertThat(IptablesRules.install(SOME, true, List.of()))
        .isEqualTo(
            """
            *nat
            :HANDFAST_INBOUND - [0:0]
            :HANDFAST_OUTBOUND - [0:0]
            -A HANDFAST_INBOUND -i lo -j RETURN
            -A HANDFAST_INBOUND -p tcp --dport 22 -j RETURN
            -A HANDFAST_INBOUND -p tcp --dport 80 -j REDIRECT --to-ports 16006
            -A HANDFAST_INBOUND -p tcp --dport 8080 -j REDIRECT --to-ports 16006
            -A HANDFAST_OUTBOUND -m owner --uid-owner 7 -j RETURN
            -A HANDFAST_OUTBOUND -m owner --uid-owner 8 -j RETURN
            -A HANDFAST_OUTBOUND -o lo -j RETURN
            -A HANDFAST_OUTBOUND -p tcp --dport 25 -j RETURN
            -A HANDFAST_OUTBOUND -p tcp --dport 5432 -j RETURN
            -A HANDFAST_OUTBOUND -d 0:0:0:0:0:0:0:1/128 -j RETURN
            -A HANDFAST_OUTBOUND -d fd09:0:0:0:0:0:0:0/16 -j RETURN
            -A HANDFAST_OUTBOUND -d fd00:0:0:0:0:0:0:0/8 -p tcp -j REDIRECT --to-ports 16001
            COMMIT
            """);
  }

  @Test
  void shouldRefuseAPlanThatGoesRound() {
    assertThatThrownBy(() -> plan(15001, List.of(1L)))
        .hasMessage("inbound-port: 15001 (expected: another than the outbound port)");
    assertThatThrownBy(() -> plan(0, List.of(1L)))
        .hasMessage("inbound-port: 0 (expected: 1 to 65535)");
    assertThatThrownBy(() -> plan(15006, List.of()))
        .hasMessage(
            "proxy-uid: none (expected: the sidecar's; its own connections would come back to it)");
  }

  private static RedirectPlan plan(int inbound, List<Long> uids) {
    return new RedirectPlan(
        inbound, 15001, uids, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }
}
