package io.handfast.proxy.config.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which chain a connection gets. In the tables a chain is {@code name: field=value,value …}, a
 * connection {@code local remote server transport protocols}, and the chains are parted by bars.
 */
final class FilterChainIndexTest {
  private static final String NOTHING = "-";

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // Nothing to match, nothing matched.
        "any:; any",
        "p: port=81; -",
        // Destination port: one that is named hides the chains that name none.
        "any: | p: port=80; p",
        "any: | p: port=81; any",
        "any: | p: port=80 server=other.example; -",
        // Destination address: the longest prefix, without a way back.
        "any: | eight: to=10.0.0.0/8 | sixteen: to=10.1.0.0/16; sixteen",
        "any: | eight: to=10.0.0.0/8 | other: to=10.2.0.0/16; eight",
        "any: | other: to=11.0.0.0/8; any",
        "eight: to=10.0.0.0/8 | sixteen: to=10.1.0.0/16 server=other.example; -",
        "host: to=10.1.2.3/32 | zero: to=0.0.0.0/0; host",
        "zero: to=0.0.0.0/0; zero",
        "six: to=::/0; -",
        "masked: to=10.77.0.0/8; masked",
        "several: to=11.0.0.0/8,10.0.0.0/8; several",
        // Server name: exact, the longest wildcard, then none.
        "any: | exact: server=a.b.example | wild: server=*.b.example; exact",
        "any: | longer: server=*.b.example | wild: server=*.example; longer",
        "any: | wild: server=*.example; wild",
        "any: | other: server=b.example; any",
        "any: | label: server=*.a.b.example; any",
        "exact: server=a.b.example port=81 | wild: server=*.example; wild",
        "exact: server=a.b.example protocols=h3 | wild: server=*.example; -",
        // Transport protocol, then application protocol in the client's order.
        "any: | tls: transport=tls | raw: transport=raw_buffer; tls",
        "any: | raw: transport=raw_buffer; any",
        "any: | h2: protocols=h2 | old: protocols=http/1.1; h2",
        "any: | old: protocols=http/1.1; old",
        "any: | other: protocols=h3; any",
        "any: | tls: transport=tls protocols=h3; -",
        // Direct source before source type before source.
        "any: | near: direct=192.168.0.0/16 | far: from=192.168.1.1/32; near",
        "any: | type: type=EXTERNAL | far: from=192.168.1.1/32; type",
        "any: | type: type=SAME_IP_OR_LOOPBACK; any",
        "type: type=SAME_IP_OR_LOOPBACK; -",
        "any: | far: from=192.168.0.0/16 | one: from=192.168.1.1/32; one",
        "any: | far: from=192.168.2.0/24; any",
        // Source port last.
        "any: | port: sport=4000; port",
        "any: | port: sport=4001; any",
        "far: from=192.168.1.1/32 sport=4001 | any:; -",
        "far: from=192.168.1.1/32 sport=4001,4000 | any:; far",
      })
  void shouldChooseAsEnvoyDoes(String chains, String expected) {
    // When
    String chosen =
        choose(
            chains, facts("10.1.2.3:80", "192.168.1.1:4000", "a.b.example", "tls", "h2,http/1.1"));

    // Then
    assertThat(chosen).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    // local, remote, expected
    "127.0.0.1:80, 127.0.0.1:4000, local",
    "10.0.0.1:80, 127.0.0.1:4000, local",
    "10.0.0.1:80, 10.0.0.1:4000, local",
    "10.0.0.1:80, 10.0.0.2:4000, external",
    "[::1]:80, [::1]:4000, local",
    "[fd00::1]:80, [fd00::1]:4000, local",
    "[fd00::1]:80, [fd00::2]:4000, external"
  })
  void shouldTellWhoIsOnThisHost(String local, String remote, String expected) {
    // When
    String chosen =
        choose(
            "local: type=SAME_IP_OR_LOOPBACK | external: type=EXTERNAL",
            facts(local, remote, "", "raw_buffer", ""));

    // Then
    assertThat(chosen).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "'', any",
    "example, any",
    ".example, any",
    "b.example, wild",
    "b.example., any",
    "x.y.z.example, wild"
  })
  void shouldMatchAWildcardByLabelsOnly(String server, String expected) {
    // When
    String chosen =
        choose("any: | wild: server=*.example", facts("1.1.1.1:1", "2.2.2.2:2", server, "tls", ""));

    // Then
    assertThat(chosen).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "[fd00:1::9]:80, sixtyfour",
    "[fd00:1:0:1::9]:80, fortyeight",
    "[fd01::]:80, any",
    "10.0.0.1:80, any",
  })
  void shouldFindPrefixesOfIpv6(String local, String expected) {
    // When
    String chosen =
        choose(
            "any: | sixtyfour: to=fd00:1::/64 | fortyeight: to=fd00:1::/48",
            facts(local, "[::9]:1", "", "raw_buffer", ""));

    // Then
    assertThat(chosen).isEqualTo(expected);
  }

  @Test
  void shouldMatchAUnixSocketWhereNoAddressIsAsked() {
    // Given
    FilterChainIndex<String> index = new FilterChainIndex<>();
    index.add(match("to=10.0.0.0/8"), "range");
    index.add(match("type=SAME_IP_OR_LOOPBACK"), "local");
    InetSocketAddress client = address("10.0.0.1:1");

    // When / Then
    assertThat(index.find(ConnectionFacts.of(new UnixAddress(), new UnixAddress())))
        .isEqualTo("local");
    assertThat(index.find(ConnectionFacts.of(address("10.0.0.2:1"), client))).isEqualTo("range");
  }

  private static final class UnixAddress extends java.net.SocketAddress {
    private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'' ; ''; same",
        "port=80; port=80; same",
        "port=80; ''; other",
        "to=10.1.0.0/8; to=10.2.0.0/8; same",
        "to=10.0.0.0/8,11.0.0.0/8; to=12.0.0.0/8,11.0.0.0/8; same",
        "to=10.0.0.0/8; to=10.0.0.0/9; other",
        "server=a,b; server=b,c; same",
        "server=*.a; server=.a; same",
        "server=a; server=*.a; other",
        "server=a transport=tls; server=a; other",
        "protocols=h2,http/1.1; protocols=http/1.1; same",
        "type=EXTERNAL; type=ANY; other",
        "from=1.1.1.1/32 sport=1,2; from=1.1.1.1/32 sport=2; same",
        "sport=1; sport=2; other"
      })
  void shouldTellChainsForTheSameConnections(String first, String second, String expected) {
    // Given
    FilterChainIndex<String> index = new FilterChainIndex<>();
    Optional<String> before = index.add(match(first), "first");

    // When
    Optional<String> same = index.add(match(second), "second");

    // Then
    assertThat(before).isEmpty();
    assertThat(same).isEqualTo(expected.equals("same") ? Optional.of("first") : Optional.empty());
  }

  @Test
  void shouldAcceptAChainThatNamesARangeTwice() {
    assertThat(new FilterChainIndex<String>().add(match("to=10.0.0.0/8,10.0.0.0/8"), "one"))
        .isEmpty();
  }

  @Test
  void shouldRefuseAPrefixThatIsLongerThanAnAddress() {
    assertThatThrownBy(() -> new CidrRange(InetAddress.ofLiteral("10.0.0.0"), 33))
        .hasMessage("prefix_len: 33 (expected: 0 to 32)");
    assertThat(new CidrRange(InetAddress.ofLiteral("10.255.1.1"), 9)).hasToString("10.128.0.0/9");
  }

  private static String choose(String chains, ConnectionFacts facts) {
    FilterChainIndex<String> index = new FilterChainIndex<>();
    for (String chain : chains.split(" *\\| *", -1)) {
      int colon = chain.indexOf(':');
      Optional<String> same =
          index.add(match(chain.substring(colon + 1).strip()), chain.substring(0, colon));
      assertThat(same).isEmpty();
    }
    String found = index.find(facts);
    return found == null ? NOTHING : found;
  }

  private static FilterChainMatch match(String text) {
    List<CidrRange> direct = ranges(value(text, "direct"));
    String port = value(text, "port");
    String type = value(text, "type");
    return new FilterChainMatch(
        port.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(port)),
        ranges(value(text, "to")),
        list(value(text, "server")),
        value(text, "transport"),
        list(value(text, "protocols")),
        direct,
        type.isEmpty() ? SourceType.ANY : SourceType.valueOf(type),
        ranges(value(text, "from")),
        list(value(text, "sport")).stream().map(Integer::valueOf).toList());
  }

  private static String value(String text, String field) {
    return Arrays.stream(text.split(" ", -1))
        .filter(word -> word.startsWith(field + "="))
        .map(word -> word.substring(field.length() + 1))
        .findFirst()
        .orElse("");
  }

  private static List<String> list(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
  }

  private static List<CidrRange> ranges(String text) {
    return list(text).stream()
        .map(range ->
            new CidrRange(
                InetAddress.ofLiteral(range.substring(0, range.indexOf('/'))),
                Integer.parseInt(range.substring(range.indexOf('/') + 1))))
        .toList();
  }

  private static ConnectionFacts facts(
      String local, String remote, String server, String transport, String protocols) {
    return new ConnectionFacts(address(local), address(remote), server, transport, list(protocols));
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon).replace("[", "").replace("]", "");
    return new InetSocketAddress(
        InetAddress.ofLiteral(host), Integer.parseInt(text.substring(colon + 1)));
  }
}
