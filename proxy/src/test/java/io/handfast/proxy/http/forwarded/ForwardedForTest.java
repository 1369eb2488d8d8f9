package io.handfast.proxy.http.forwarded;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ForwardedForTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "1.2.3.4               | 0 | 1.2.3.4",
        "1.2.3.4               | 1 | -",
        "1.2.3.4, 5.6.7.8      | 0 | 5.6.7.8",
        "1.2.3.4 , 5.6.7.8     | 1 | 1.2.3.4",
        "1.2.3.4, 5.6.7.8      | 2 | -",
        "9.9.9.9,::1,fe80::2   | 1 | ::1",
        "1.2.3.4,unknown       | 0 | -",
        "1.2.3.4,              | 0 | -",
        "''                    | 0 | -",
        "''                    | 3 | -"
      })
  void shouldCountFromTheRight(String list, int skipped, String expected) {
    // When
    InetAddress found = ForwardedFor.fromRight(list, skipped);

    // Then
    assertThat(found == null ? null : NetUtil.toAddressString(found)).isEqualTo(expected);
  }
}
