package io.handfast.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OriginalDestinationTest {

  @ParameterizedTest
  @CsvSource({
    // wanted, bound at, comes back
    "127.0.0.1, 15001, 0.0.0.0, 15001, true",
    "::1, 15001, ::, 15001, true",
    "127.0.0.1, 15002, 0.0.0.0, 15001, false",
    "192.0.2.1, 15001, 0.0.0.0, 15001, false",
    "2001:db8::1, 15001, ::, 15001, false",
    "192.0.2.1, 15001, 192.0.2.1, 15001, true",
    "127.0.0.1, 15001, 192.0.2.1, 15001, false"
  })
  void shouldTellAConnectionThatComesBack(
      String wanted, int wantedPort, String bound, int port, boolean comesBack) {
    // When
    boolean loop =
        OriginalDestination.isLoop(
            new InetSocketAddress(InetAddress.ofLiteral(wanted), wantedPort),
            new InetSocketAddress(InetAddress.ofLiteral(bound), port));

    // Then
    assertThat(loop).isEqualTo(comesBack);
  }
}
