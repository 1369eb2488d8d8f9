package io.handfast.proxy.listener;

import static io.handfast.proxy.listener.ListenerRig.HTTP_INSPECTOR;
import static io.handfast.proxy.listener.ListenerRig.TLS_INSPECTOR;
import static io.handfast.proxy.listener.ListenerRig.chain;
import static io.handfast.proxy.listener.ListenerRig.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.server.StartException;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inspectors and the choice of a chain by what they find, seen by raw sockets. */
final class ListenerFiltersTest {
  private static final byte[] HELLO = Hellos.of("bank.example", "h2");
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private static ListenerRig byServer(String fields) throws StartException {
    return ListenerRig.of(
        "listener_filters: [" + TLS_INSPECTOR + "]\n" + fields,
        chain("bank", "server_names: [bank.example], transport_protocol: tls"),
        chain("tls", "transport_protocol: tls"),
        chain("plain", "transport_protocol: raw_buffer"));
  }

  @Test
  void shouldChooseByServerNameWhereverTheHelloIsSplit() throws Exception {
    // Given
    try (ListenerRig rig = byServer("")) {
      for (int split = 1; split < HELLO.length; split++) {
        try (Socket socket = rig.connect()) {
          // When
          send(socket, Arrays.copyOf(HELLO, split), Arrays.copyOfRange(HELLO, split, HELLO.length));

          // Then: the chain speaks no TLS and says so
          assertThat(ListenerRig.readAll(socket))
              .as("split at %d", split)
              .startsWith("HTTP/1.1 400 ");
        }
      }

      // Then
      assertThat(rig.connections("bank")).isEqualTo(HELLO.length - 1);
      assertThat(rig.connections("tls") + rig.connections("plain")).isZero();
      assertThat(rig.inspectors().tlsFound.value()).isEqualTo(HELLO.length - 1);
      assertThat(rig.inspectors().sniFound.value()).isEqualTo(HELLO.length - 1);
      assertThat(rig.inspectors().alpnFound.value()).isEqualTo(HELLO.length - 1);
    }
  }

  @Test
  void shouldWaitForTheLastByteOfAHello() throws Exception {
    // Given
    try (ListenerRig rig = byServer("");
        Socket socket = rig.connect()) {
      for (byte next : Arrays.copyOf(HELLO, HELLO.length - 1)) {
        send(socket, new byte[] {next});
      }
      await().until(() -> rig.stats().preCxActive.value() == 1);
      long before = rig.connections("bank");

      // When
      send(socket, new byte[] {HELLO[HELLO.length - 1]});

      // Then
      await().until(() -> rig.connections("bank") == 1);
      assertThat(before).isZero();
      assertThat(rig.stats().preCxActive.value()).isZero();
    }
  }

  @Test
  void shouldServeWhatIsNoTlsWithEveryByteThatWasRead() throws Exception {
    // Given
    try (ListenerRig rig = byServer("")) {
      // When
      String answer = rig.ask();

      // Then
      assertThat(answer).isEqualTo("plain");
      assertThat(rig.inspectors().tlsNotFound.value()).isEqualTo(1);
      assertThat(rig.stats().cxTotal.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldTellOtherServersApart() throws Exception {
    // Given
    try (ListenerRig rig = byServer("");
        Socket other = rig.connect();
        Socket none = rig.connect()) {
      // When
      send(other, Hellos.of("other.example"));
      send(none, Hellos.of(""));

      // Then
      await().until(() -> rig.connections("tls") == 2);
      assertThat(rig.inspectors().sniNotFound.value()).isEqualTo(1);
      assertThat(rig.inspectors().alpnNotFound.value()).isEqualTo(2);
    }
  }

  @Test
  void shouldCloseWhenTheHelloHasNoEnd() throws Exception {
    // Given
    try (ListenerRig rig = byServer("");
        Socket socket = rig.connect()) {
      // When
      send(socket, Hellos.endless(ClientHello.MAX_BYTES));

      // Then
      assertThat(ListenerRig.readAll(socket)).isEmpty();
      await().until(() -> rig.inspectors().clientHelloTooLarge.value() == 1);
      await().until(() -> rig.stats().preCxActive.value() == 0);
      assertThat(rig.stats().listenerFilterError.value()).isEqualTo(1);
      assertThat(rig.stats().cxTotal.value()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20})
  void shouldCloseWhenTheTimeOfListenerFiltersIsUp(int said) throws Exception {
    // Given
    try (ListenerRig rig = byServer("listener_filters_timeout: 0.2s");
        Socket socket = rig.connect()) {
      // When
      send(socket, Arrays.copyOf(HELLO, said));

      // Then
      assertThat(ListenerRig.readAll(socket)).isEmpty();
      await().until(() -> rig.stats().preCxTimeout.value() == 1);
      assertThat(rig.stats().cxTotal.value()).isZero();
    }
  }

  @Test
  void shouldGoOnWithWhatIsKnownWhenTheFileSaysSo() throws Exception {
    // Given
    try (ListenerRig rig =
            byServer("listener_filters_timeout: 0.2s\ncontinue_on_listener_filters_timeout: true");
        Socket silent = rig.connect();
        Socket partial = rig.connect()) {
      // When
      send(partial, Arrays.copyOf(HELLO, 20));
      await().until(() -> rig.stats().preCxTimeout.value() == 2);

      // Then
      assertThat(ListenerRig.ask(silent)).isEqualTo("plain");
      send(partial, "\r\n\r\n");
      assertThat(ListenerRig.readAll(partial)).startsWith("HTTP/1.1 400 ");
      assertThat(rig.connections("plain")).isEqualTo(2);
    }
  }

  /** Its request is served, for it had begun, and is the last. */
  @Test
  void shouldServeWhoHasBegunWhenItDrains() throws Exception {
    // Given
    try (ListenerRig rig =
            ListenerRig.of("listener_filters: [" + HTTP_INSPECTOR + "]", chain("one", ""));
        Socket socket = rig.connect();
        Socket silent = rig.connect()) {
      send(socket, "GET / HT");
      assertThat(rig.ask()).isEqualTo("one"); // by then the one before has been read
      rig.drain();
      assertThat(ListenerRig.readAll(silent)).isEmpty(); // it has nothing begun: it drains

      // When
      send(socket, "TP/1.1\r\nhost: h\r\n\r\n");

      // Then
      assertThat(ListenerRig.readAll(socket))
          .startsWith("HTTP/1.1 200 ")
          .contains("connection: close\r\n")
          .endsWith("one");
    }
  }

  @Test
  void shouldForgetAClientThatGoesMeanwhile() throws Exception {
    // Given
    try (ListenerRig rig = byServer("")) {
      try (Socket socket = rig.connect()) {
        send(socket, Arrays.copyOf(HELLO, 20));
        await().until(() -> rig.stats().preCxActive.value() == 1);
      }

      // Then
      await().until(() -> rig.stats().listenerFilterRemoteClose.value() == 1);
      assertThat(rig.stats().preCxActive.value()).isZero();
      assertThat(rig.stats().cxTotal.value()).isZero();
    }
  }

  @Test
  void shouldAddTheInspectorWhereAChainNeedsIt() throws Exception {
    // Given
    try (ListenerRig rig =
            ListenerRig.of("", chain("bank", "server_names: [bank.example]"), chain("other", ""));
        Socket socket = rig.connect()) {
      // When
      send(socket, HELLO);

      // Then
      await().until(() -> rig.connections("bank") == 1);
      assertThat(rig.ask()).isEqualTo("other");
    }
  }

  @Test
  void shouldCloseWhenNoChainMatches() throws Exception {
    // Given
    try (ListenerRig rig = ListenerRig.of("", chain("other", "destination_port: 1"))) {
      // When
      String answer = rig.ask();

      // Then
      assertThat(answer).isEmpty();
      await().until(() -> rig.stats().noFilterChainMatch.value() == 1);
      assertThat(rig.stats().cxTotal.value()).isZero();
    }
  }

  @Test
  void shouldCloseWhenNoChainMatchesWhatWasRead() throws Exception {
    // Given
    try (ListenerRig rig =
        ListenerRig.of(
            "listener_filters: [" + TLS_INSPECTOR + "]", chain("tls", "transport_protocol: tls"))) {
      // When
      String answer = rig.ask();

      // Then
      assertThat(answer).isEmpty();
      await().until(() -> rig.stats().noFilterChainMatch.value() == 1);
    }
  }

  @Test
  void shouldTakeTheDefaultWhenNoChainMatches() throws Exception {
    // Given
    try (ListenerRig rig =
        ListenerRig.of(ListenerRig.byDefault("default"), chain("other", "destination_port: 1"))) {
      // When / Then
      assertThat(rig.ask()).isEqualTo("default");
    }
  }

  @Test
  void shouldChooseByWhatHttpIsSpoken() throws Exception {
    // Given
    try (ListenerRig rig =
            ListenerRig.of(
                "listener_filters: [" + TLS_INSPECTOR + ", " + HTTP_INSPECTOR + "]",
                chain("one", "application_protocols: [http/1.1, http/1.0]"),
                chain("two", "application_protocols: [h2c]"),
                chain("tls", "application_protocols: [h2]"),
                chain("else", ""));
        Socket two = rig.connect();
        Socket tls = rig.connect();
        Socket garbage = rig.connect()) {
      // When
      String answer = rig.ask();
      send(two, PREFACE);
      send(tls, HELLO);
      send(garbage, "\u0000\u0001\u0002");

      // Then
      assertThat(answer).isEqualTo("one");
      await().until(() -> rig.connections("two") == 1);
      await().until(() -> rig.connections("tls") == 1);
      await().until(() -> rig.connections("else") == 1);
      assertThat(rig.inspectors().http11Found.value()).isEqualTo(1);
      assertThat(rig.inspectors().http2Found.value()).isEqualTo(1);
      assertThat(rig.inspectors().httpNotFound.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldLeaveOutAFilterWhereItIsDisabled() throws Exception {
    // Given
    String disabled =
        ListenerRig.filter(
            "tls_inspector",
            "TlsInspector",
            ", filter_disabled: { and_match: { rules: [{ not_match: { destination_port_range: { start: 1, end: 1024 } } }, { or_match: { rules: [{ any_match: true }, { any_match: true }] } }] } }");
    try (ListenerRig rig =
            ListenerRig.of(
                "listener_filters: [" + disabled + "]",
                chain("tls", "transport_protocol: tls"),
                chain("plain", ""));
        Socket socket = rig.connect()) {
      // When
      send(socket, HELLO);

      // Then
      await().until(() -> rig.connections("plain") == 1);
      assertThat(rig.inspectors().tlsFound.value()).isZero();
    }
  }

  @Test
  void shouldNotWaitForTheInspectorOfAClientThatIsSilentWhenItDrains() throws IOException {
    // Given
    Socket socket;
    try (ListenerRig rig = byServer("")) {
      socket = rig.connect();
      await().until(() -> rig.stats().preCxActive.value() == 1);
    } catch (StartException e) {
      throw new IllegalStateException(e);
    }

    // Then
    try (socket) {
      assertThat(ListenerRig.readAll(socket)).isEmpty();
    }
  }
}
