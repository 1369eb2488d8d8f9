package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.ClientCertForwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.Forwarding;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a client says about itself: passed on inside of the mesh, not believed at its edge ({@code
 * use_remote_address}).
 */
final class EdgeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "false | 0 | false | 1.2.3.4           | https | theirs | 1.2.3.4",
        "true  | 0 | false | 1.2.3.4,127.0.0.1 | http  | ours   | 127.0.0.1",
        "true  | 0 | true  | 1.2.3.4,127.0.0.1 | http  | theirs | 127.0.0.1",
        "true  | 1 | false | 1.2.3.4,127.0.0.1 | https | ours   | 1.2.3.4",
        "true  | 2 | false | 1.2.3.4,127.0.0.1 | https | ours   | 127.0.0.1",
        "false | 1 | false | 1.2.3.4           | https | theirs | 127.0.0.1"
      })
  void shouldBelieveClientsInsideOnly(
      boolean edge,
      int hops,
      boolean preserve,
      String forwardedFor,
      String proto,
      String requestId,
      String trusted)
      throws InterruptedException {
    // Given
    BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    HttpConnectionManagerConfig plain = Configs.forward(0);
    HttpConnectionManagerConfig http =
        new HttpConnectionManagerConfig(
            plain.statPrefix(),
            plain.codecType(),
            plain.routes(),
            plain.httpFilters(),
            plain.timeouts(),
            plain.limits(),
            plain.http1(),
            plain.http2(),
            new Forwarding(edge, hops, true, preserve, ClientCertForwarding.DEFAULTS),
            plain.paths(),
            plain.serverName(),
            plain.accessLogs());
    RawService service =
        RawService.running(connection -> {
          heads.add(connection.readHead());
          connection.send("HTTP/1.1 204 No Content\r\n\r\n");
          connection.readHead();
        });
    try (service;
        InProcessProxy proxy =
            InProcessProxy.running(http, List.of(Configs.cluster(service.port())));
        RawConnection client = proxy.connect()) {
      // When
      client.send(
          """
          GET / HTTP/1.1
          Host: h
          X-Forwarded-For: 1.2.3.4
          X-Forwarded-Proto: https
          X-Request-Id: theirs
          X-Forwarded-Client-Cert: By=me

          """
              .replace("\n", "\r\n"));
      client.readHead();
      String head = heads.take();

      // Then
      assertThat(head)
          .containsOnlyOnce("x-forwarded-for: " + forwardedFor + "\r\n")
          .containsOnlyOnce("x-forwarded-proto: " + proto + "\r\n")
          .containsOnlyOnce("x-request-id: ")
          .doesNotContain("x-forwarded-client-cert");
      assertThat(head.contains("x-request-id: theirs\r\n")).isEqualTo(requestId.equals("theirs"));
      assertThat(proxy.nextEnded().client())
          .isInstanceOfSatisfying(
              InetSocketAddress.class,
              it -> assertThat(it.getAddress().getHostAddress()).isEqualTo(trusted));
    }
  }
}
