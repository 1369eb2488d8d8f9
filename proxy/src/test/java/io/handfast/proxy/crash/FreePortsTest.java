package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What sidecars and services listen on. */
class FreePortsTest {

  @Test
  void shouldGiveEachPortOnceWhenNobodyListensOnItYet() throws Exception {
    // Given
    Set<Integer> ports = new HashSet<>();

    // When: of 20,000 drawn at random, 500 would meet six times
    for (int i = 0; i < 500; i++) {
      ports.add(FreePorts.next());
    }

    // Then
    assertThat(ports).hasSize(500);
  }
}
