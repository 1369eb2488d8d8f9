package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.Body;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageCounterTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 1000})
  void shouldCountMessagesHoweverTheyAreCut(int piece) throws IOException {
    // Given
    byte[] stream = messages(0, 7, 0, 300);
    MessageCounter counter = new MessageCounter();

    // When
    int begun = 0;
    for (int at = 0; at < stream.length; at += piece) {
      byte[] part = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + piece));
      begun = counter.begun(Body.of(part));
    }

    // Then
    assertThat(begun).isEqualTo(4);
    assertThat(new MessageCounter().begun(Body.of(messages(300)))).isEqualTo(1);
  }

  private static byte[] messages(int... lengths) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int length : lengths) {
      out.writeByte(0);
      out.writeInt(length);
      out.write(new byte[length]);
    }
    return bytes.toByteArray();
  }
}
