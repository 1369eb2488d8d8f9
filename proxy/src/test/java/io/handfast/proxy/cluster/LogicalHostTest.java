package io.handfast.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LogicalHostTest {

  private static List<Host> hosts(String... addresses) {
    return Stream.of(addresses)
        .map(address -> new Host(new InetSocketAddress(address(address), 80), "db"))
        .toList();
  }

  private static InetAddress address(String text) {
    return Objects.requireNonNull(NetUtil.createInetAddressFromIpAddressString(text));
  }

  private static List<String> texts(List<Host> chosen) {
    assertThat(chosen).hasSize(1);
    return chosen.getFirst().addresses().stream()
        .map(address -> NetUtil.toAddressString(((InetSocketAddress) address).getAddress()))
        .toList();
  }

  @Test
  void shouldTakeFamiliesInTurnsWhenAllAreLookedUp() {
    List<Host> now = hosts("fd00::1", "fd00::2", "10.0.0.2", "10.0.0.1");
    assertThat(texts(LogicalHost.of(List.of(), now, DnsLookupFamily.ALL)))
        .containsExactly("fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2");
  }

  @Test
  void shouldKeepTheAddressOfBeforeWhenTheNameStillHasIt() {
    // Given
    List<Host> before =
        LogicalHost.of(List.of(), hosts("10.0.0.2", "fd00::1", "10.0.0.1"), DnsLookupFamily.ALL);

    // When
    List<Host> turned =
        LogicalHost.of(before, hosts("10.0.0.1", "10.0.0.2", "fd00::1"), DnsLookupFamily.ALL);
    List<Host> gone = LogicalHost.of(before, hosts("10.0.0.1", "fd00::1"), DnsLookupFamily.ALL);

    // Then
    assertThat(turned).isEqualTo(before);
    assertThat(texts(gone)).containsExactly("10.0.0.1", "fd00::1");
  }

  @Test
  void shouldHaveOneAddressWhenOneFamilyIsPreferred() {
    List<Host> now = hosts("fd00::1", "10.0.0.1");
    assertThat(texts(LogicalHost.of(List.of(), now, DnsLookupFamily.AUTO)))
        .containsExactly("fd00::1");
  }
}
