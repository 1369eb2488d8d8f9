package io.handfast.proxy.listener;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.listener.ClientHello.State;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientHelloTest {
  private static final byte[] HELLO = Hellos.of("Bank.Example", "h2", "http/1.1");

  /** Feeds what has come so far, as pieces arrive. */
  private static State feed(ClientHello hello, byte[] bytes, int from, int to) {
    ByteBuf begin = Unpooled.buffer();
    State state = State.PARTIAL;
    begin.writeBytes(bytes, 0, from);
    for (int i = from; i < to && state == State.PARTIAL; i++) {
      begin.writeByte(bytes[i]);
      state = hello.read(begin);
      assertThat(begin.readerIndex()).isZero();
    }
    return state;
  }

  private static State feed(byte[] bytes) {
    return new ClientHello().read(Unpooled.wrappedBuffer(bytes));
  }

  @Test
  void shouldFindNameAndProtocolsWhenAllComesAtOnce() {
    // Given
    ClientHello hello = new ClientHello();

    // When
    State state = hello.read(Unpooled.wrappedBuffer(HELLO));

    // Then
    assertThat(state).isEqualTo(State.COMPLETE);
    assertThat(hello.serverName()).isEqualTo("bank.example");
    assertThat(hello.applicationProtocols()).containsExactly("h2", "http/1.1");
    assertThat(hello.bytes()).isEqualTo(HELLO.length);
  }

  @Test
  void shouldFindNoneWhenNoneIsThere() {
    // Given
    ClientHello hello = new ClientHello();

    // When
    State state = hello.read(Unpooled.wrappedBuffer(Hellos.of("")));

    // Then
    assertThat(state).isEqualTo(State.COMPLETE);
    assertThat(hello.serverName()).isEmpty();
    assertThat(hello.applicationProtocols()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 100, 16_000})
  void shouldBeTheSameInRecordsOfAnySize(int size) {
    // Given
    ClientHello hello = new ClientHello();
    byte[] records = Hellos.inRecords(HELLO, size);

    // When
    State state = feed(hello, records, 0, records.length);

    // Then
    assertThat(state).isEqualTo(State.COMPLETE);
    assertThat(hello.serverName()).isEqualTo("bank.example");
    assertThat(hello.applicationProtocols()).containsExactly("h2", "http/1.1");
  }

  @Test
  void shouldBeTheSameWhenSplitAtEveryByte() {
    for (int split = 1; split < HELLO.length; split++) {
      // Given
      ClientHello hello = new ClientHello();

      // When
      State first = hello.read(Unpooled.wrappedBuffer(HELLO, 0, split));
      State second = hello.read(Unpooled.wrappedBuffer(HELLO));

      // Then
      assertThat(first).as("split at %d", split).isEqualTo(State.PARTIAL);
      assertThat(second).as("split at %d", split).isEqualTo(State.COMPLETE);
      assertThat(hello.serverName()).isEqualTo("bank.example");
    }
  }

  @Test
  void shouldLeaveWhatFollowsAlone() {
    // Given
    ClientHello hello = new ClientHello();
    byte[] more = Arrays.copyOf(HELLO, HELLO.length + 7);

    // When
    State state = hello.read(Unpooled.wrappedBuffer(more));

    // Then
    assertThat(state).isEqualTo(State.COMPLETE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n",
        "g",
        "SSH-2.0-x\r\n",
        "\u0000\u0000\u0000\u0008\u0004\u00d2\u0016/", // PostgreSQL asks for TLS
        "\u0080.\u0001\u0003\u0001", // the hello of SSL 2
        "\u0016\u0002", // SSL 2
        "\u0017\u0003\u0001", // data
        "\u0016\u0003\u0001\u0000\u0000", // an empty record
        "\u0016\u0003\u0001\u0000\u0010\u0002", // a ServerHello
      })
  void shouldTellWhatIsNoTlsAtTheFirstByteThatShowsIt(String bytes) {
    // Given
    byte[] garbage = bytes.getBytes(ISO_8859_1);

    // When
    State state = feed(new ClientHello(), garbage, 0, garbage.length);

    // Then
    assertThat(state).isEqualTo(State.NOT_TLS);
    assertThat(feed(garbage)).isEqualTo(State.NOT_TLS);
  }

  @ParameterizedTest
  @CsvSource({"16383, PARTIAL", "16384, TOO_LARGE", "20000, TOO_LARGE"})
  void shouldGiveUpAtTheBound(int bytes, State expected) {
    assertThat(feed(Hellos.endless(bytes))).isEqualTo(expected);
  }

  @Test
  void shouldGiveUpAtOnceWhenTheLengthSaysThatItIsTooLong() {
    assertThat(feed(new byte[] {22, 3, 1, 0x40, 0, 1, 1, 0, 0})).isEqualTo(State.TOO_LARGE);
  }

  @Test
  void shouldGiveUpWhenManySmallRecordsExceedTheBound() {
    // Given
    byte[] records = Hellos.inRecords(Arrays.copyOf(Hellos.endless(16_000), 8_000), 1);

    // When
    State state = feed(records);

    // Then
    assertThat(state).isEqualTo(State.TOO_LARGE);
  }

  @Test
  void shouldEndWellWhateverByteIsWrong() {
    for (int at = 0; at < HELLO.length; at++) {
      for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
        // Given
        byte[] damaged = HELLO.clone();
        damaged[at] = (byte) value;

        // When
        State state = feed(damaged);

        // Then: the same as at once when it comes byte by byte
        assertThat(feed(new ClientHello(), damaged, 0, damaged.length))
            .as("byte %d is %d", at, value)
            .isEqualTo(state);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u0000b", "a b", "\u0007", "", "\u00e4"})
  void shouldNotTakeANameThatIsNone(String name) {
    // Given
    byte[] hello = HELLO.clone();
    int at = new String(hello, ISO_8859_1).indexOf("Bank.Example");
    byte[] bytes = name.getBytes(ISO_8859_1);
    System.arraycopy(bytes, 0, hello, at, bytes.length);
    if (bytes.length == 0) { // a name without a letter: its length, and those around it
      hello[at - 1] = 0;
    }

    // When
    State state = feed(hello);

    // Then
    assertThat(state).isEqualTo(State.NOT_TLS);
  }
}
