package io.handfast.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.Clusters;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.Listeners;
import io.envoyproxy.envoy.admin.v3.Memory;
import io.envoyproxy.envoy.admin.v3.ServerInfo;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.handfast.tx.operator.TransactionFilter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {

  private static final JsonFormat.TypeRegistry TYPES =
      JsonFormat.TypeRegistry.newBuilder()
          .add(BootstrapConfigDump.getDescriptor())
          .add(EndpointsConfigDump.getDescriptor())
          .add(Cluster.getDescriptor())
          .build();

  private AdminFixture admin;

  @BeforeEach
  void start() throws IOException {
    admin = new AdminFixture();
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  @Test
  void shouldSayLiveWhenReady() throws Exception {
    // When
    HttpResponse<String> ready = admin.get("/ready");

    // Then
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body()).isEqualTo("LIVE\n");
    assertThat(ready.headers().firstValue("cache-control")).contains("no-cache, max-age=0");
    assertThat(ready.headers().firstValue("x-content-type-options")).contains("nosniff");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PRE_INITIALIZING", "INITIALIZING", "DRAINING"})
  void shouldSayWhyWhenNotReady(String state) throws Exception {
    // Given
    admin.control.state = ServerControl.State.valueOf(state);
    admin.control.reasons = List.of("journal: the disk is full");

    // When
    HttpResponse<String> brief = admin.get("/ready");
    HttpResponse<String> verbose = admin.get("/ready?verbose");

    // Then
    assertThat(brief.statusCode()).isEqualTo(503);
    assertThat(brief.body()).isEqualTo(state + "\n");
    assertThat(verbose.body()).isEqualTo(state + "\njournal: the disk is full\n");
  }

  @Test
  void shouldNotBeReadyWhenThereIsAReasonThoughLive() throws Exception {
    // Given
    admin.control.reasons = List.of("journal: the disk is full");

    // When / Then
    assertThat(admin.get("/ready").statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @CsvSource({
    "/drain_listeners, drain false",
    "/drain_listeners?graceful, drain false",
    "/drain_listeners?graceful&inboundonly, drain true",
    "/quitquitquit, quit",
    "/healthcheck/fail, fail true",
    "/healthcheck/ok, fail false",
    "/reopen_logs, reopen",
  })
  void shouldActWhenPosted(String path, String call) throws Exception {
    // When
    HttpResponse<String> refused = admin.get(path);
    HttpResponse<String> done = admin.post(path);

    // Then
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.body()).isEqualTo("Method GET not allowed, POST required.");
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body()).isEqualTo("OK\n");
    assertThat(admin.control.calls).containsExactly(call);
  }

  @Test
  void shouldListCommandsWhenThePathIsUnknown() throws Exception {
    // When
    HttpResponse<String> unknown = admin.get("/nope");
    HttpResponse<String> help = admin.get("/help");

    // Then
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).isEqualTo("invalid path. " + help.body());
    assertThat(help.body())
        .startsWith("admin commands are:\n  /: Admin home page\n")
        .contains("  /drain_listeners (POST): drain listeners\n      graceful: ")
        .contains("  /transactions/: ");
    assertThat(admin.get("/").body()).contains("<a href=\"stats\">");
  }

  @Test
  void shouldRefuseToReadByPostWhenThePathOnlyReads() throws Exception {
    // When / Then
    assertThat(admin.post("/stats").statusCode()).isEqualTo(405);
    assertThat(admin.send("HEAD", "/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldRenderStatsWhenAskedInAnyFormat() throws Exception {
    // Given
    admin.stats.cluster("up").countResponse(200);

    // When / Then
    assertThat(admin.get("/stats?filter=upstream_rq_2").body())
        .isEqualTo("cluster.up.upstream_rq_200: 1\ncluster.up.upstream_rq_2xx: 1\n");
    JsonNode json = new ObjectMapper().readTree(admin.get("/stats?format=json&usedonly").body());
    assertThat(json.path("stats").findValuesAsText("name")).contains("cluster.up.upstream_rq_200");
    assertThat(admin.get("/stats/prometheus").body())
        .isEqualTo(admin.get("/stats?format=prometheus").body())
        .contains(
            "envoy_cluster_upstream_rq_xx{envoy_response_code_class=\"2\",envoy_cluster_name=\"up\"} 1\n");
    assertThat(admin.get("/stats?filter=%5B").statusCode()).isEqualTo(400);
    assertThat(admin.get("/stats?format=xml").statusCode()).isEqualTo(400);
  }

  @Test
  void shouldParseBackWhenTheConfigurationIsDumped() throws Exception {
    // When
    ConfigDump dump = parse("/config_dump", ConfigDump.newBuilder()).build();
    ConfigDump withEndpoints = parse("/config_dump?include_eds", ConfigDump.newBuilder()).build();
    ConfigDump named = parse("/config_dump?name_regex=.*-a", ConfigDump.newBuilder()).build();
    ConfigDump clusters =
        parse("/config_dump?resource=static_clusters", ConfigDump.newBuilder()).build();

    // Then
    assertThat(dump.getConfigs(0).is(BootstrapConfigDump.class)).isTrue();
    assertThat(dump.getConfigs(1).unpack(ClustersConfigDump.class).getStaticClustersList())
        .hasSize(2);
    assertThat(dump.getConfigsCount()).isEqualTo(2);
    assertThat(withEndpoints.getConfigs(2).is(EndpointsConfigDump.class)).isTrue();
    assertThat(named.getConfigs(1).unpack(ClustersConfigDump.class).getStaticClustersList())
        .hasSize(1);
    assertThat(clusters.getConfigsList()).hasSize(2);
    assertThat(admin.get("/config_dump?resource=nope").body())
        .isEqualTo(
            "nope not found in config dump (expected: one of static_clusters,"
                + " dynamic_active_clusters, dynamic_warming_clusters)\n");
    assertThat(admin.get("/config_dump?resource=nope").statusCode()).isEqualTo(404);
    assertThat(admin.get("/config_dump?resource=bootstrap").body())
        .isEqualTo(
            "bootstrap is not a repeated field. Use ?mask=bootstrap to get only this field\n");
  }

  @Test
  void shouldDumpTheFieldsOfAMaskO1() throws Exception {
    // When / Then
    assertThat(json("/config_dump?mask=static_clusters"))
        .contains("ClustersConfigDump")
        .doesNotContain("Bootstrap");
    assertThat(json("/config_dump?resource=static_clusters&mask=cluster.name"))
        .contains("\"name\": \"bank-a\"")
        .doesNotContain("connect_timeout");
    assertThat(json("/config_dump?resource=static_clusters&mask=last_updated"))
        .doesNotContain("bank-a");
    for (String unusable :
        List.of(
            "mask=x",
            "mask=static_clusters,bootstrap",
            "resource=static_clusters&mask=cluster.x",
            "resource=static_clusters&mask=cluster..",
            "resource=static_clusters&mask=x")) {
      HttpResponse<String> answer = admin.get("/config_dump?" + unusable);
      assertThat(answer.statusCode()).as(unusable).isEqualTo(400);
      assertThat(answer.body()).startsWith("FieldMask ").contains("(expected: ");
    }
  }

  private String json(String path) throws Exception {
    HttpResponse<String> answer = admin.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  @Test
  void shouldUseEnvoysMessagesWhenStatusIsAskedFor() throws Exception {
    // When / Then
    assertThat(parse("/server_info", ServerInfo.newBuilder()).getVersion()).isEqualTo("handfast/1");
    assertThat(
            parse("/clusters?format=json", Clusters.newBuilder()).getClusterStatuses(0).getName())
        .isEqualTo("up");
    assertThat(parse("/listeners?format=json", Listeners.newBuilder()).getListenerStatusesCount())
        .isEqualTo(1);
    assertThat(parse("/memory", Memory.newBuilder()).getHeapSize()).isPositive();
    assertThat(admin.get("/listeners").body()).isEqualTo("in::[::1]:8080\n");
    assertThat(admin.get("/clusters").body().lines())
        .startsWith(
            "up::observability_name::up",
            "up::added_via_api::false",
            "up::127.0.0.1:8081::cx_active::0",
            "up::127.0.0.1:8081::rq_total::2",
            "up::127.0.0.1:8081::hostname::",
            "up::127.0.0.1:8081::health_flags::healthy",
            "up::127.0.0.1:8081::weight::1");
    assertThat(admin.get("/listeners?format=xml").body())
        .isEqualTo("format: xml (expected: text or json)\n");
  }

  @Test
  void shouldChangeLevelsWhenPosted() throws Exception {
    // When
    String all = admin.post("/logging?level=debug").body();
    String one = admin.post("/logging?http=trace").body();
    String several = admin.post("/logging?paths=http:error,main:off").body();
    HttpResponse<String> unknown = admin.post("/logging?nope=info");

    // Then
    assertThat(all).isEqualTo("active loggers:\n  http: debug\n  main: debug\n");
    assertThat(one).isEqualTo("active loggers:\n  http: trace\n  main: debug\n");
    assertThat(several).isEqualTo("active loggers:\n  http: error\n  main: off\n");
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body())
        .startsWith("error: unknown logger nope\n\nusage: /logging?<name>=<level>");
  }

  @Test
  void shouldShowTransactionsWhenTheProxyTakesPartInSome() throws Exception {
    // When
    JsonNode list = new ObjectMapper().readTree(admin.get("/transactions").body());
    JsonNode one =
        new ObjectMapper().readTree(admin.get("/transactions/" + AdminFixture.TX).body());

    // Then
    assertThat(list.path("service").asText()).isEqualTo("transfers");
    assertThat(list.path("inDoubt").asInt()).isZero();
    assertThat(list.at("/inFlight/0/txId").asText()).isEqualTo(AdminFixture.TX);
    assertThat(one.at("/summary/state").asText()).isEqualTo("committing");
    assertThat(one.at("/branches/0/vote").asText()).isEqualTo("prepared");
    assertThat(one.at("/timeline/0/event").asText()).isEqualTo("began");
  }

  @Test
  void shouldListWhatIsAskedForAndRefuseByNameWhatNothingCanMatch() throws Exception {
    // When
    HttpResponse<String> some =
        admin.get("/transactions?state=in-doubt&older_than_ms=5000&limit=20");
    HttpResponse<String> mistyped = admin.get("/transactions?state=indoubt");
    HttpResponse<String> tooMany = admin.get("/transactions?limit=10001");

    // Then
    assertThat(some.statusCode()).isEqualTo(200);
    assertThat(admin.transactionsHere.filters)
        .containsExactly(new TransactionFilter("in-doubt", Duration.ofSeconds(5), 20));
    assertThat(mistyped.statusCode()).isEqualTo(400);
    assertThat(mistyped.body())
        .startsWith("state: indoubt (expected: ")
        .contains("in-doubt", "kept", "committing");
    assertThat(tooMany.statusCode()).isEqualTo(400);
    assertThat(tooMany.body()).isEqualTo("limit: 10001 (expected: 1 to 10000)\n");
    assertThat(admin.get("/transactions?limit=many").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/transactions", "/transactions/" + AdminFixture.TX})
  void shouldSayThatItIsStartingWhileTheStoreIsRead(String path) throws Exception {
    // Given
    admin.transactionsHere.started = false;

    // When
    HttpResponse<String> answer = admin.get(path);

    // Then
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(new ObjectMapper().readTree(answer.body()).path("error").asText())
        .startsWith("transactions: starting, the store is being read");
  }

  @Test
  void shouldSayWhatIsWrongWhenATransactionIsNotKnown() throws Exception {
    // When
    HttpResponse<String> malformed = admin.get("/transactions/0196");
    HttpResponse<String> unknown = admin.get("/transactions/" + "0".repeat(32));

    // Then
    assertThat(malformed.statusCode()).isEqualTo(400);
    assertThat(malformed.body())
        .isEqualTo("tx-id: 0196 (expected: 32 hexadecimal digits in lower case)\n");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(new ObjectMapper().readTree(unknown.body()).path("error").asText())
        .endsWith("is not known here");
  }

  @Test
  void shouldHaveNoTransactionsWhenTheProxyTakesPartInNone() throws Exception {
    try (AdminFixture plain = new AdminFixture(false)) {
      // When / Then
      assertThat(plain.get("/transactions").statusCode()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Host: evil.example|403",
        "Host: evil.example:15000|403",
        "Host: 127.0.0.1:15000|200",
        "Host: localhost|200",
        "Host: [::1]:15000|200",
        "Host: 127.0.0.1:15000~Origin: http://evil.example|403",
        "Host: 127.0.0.1:15000~Origin: null|403",
        "Host: 127.0.0.1:15000~Origin: http://127.0.0.1:15000|200",
        "X: y|403",
      })
  void shouldRefuseBrowsersWhenTheyActForAnotherSite(String headers, int status) throws Exception {
    // When
    String answer =
        raw(
            "POST /healthcheck/ok HTTP/1.1\r\n"
                + headers.replace("~", "\r\n")
                + "\r\nConnection: close\r\n\r\n");

    // Then
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void shouldAnswerInOrderWhenRequestsArePipelined() throws Exception {
    // When
    String first = "GET /transactions HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String second = "GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    String answers = raw(first + second);

    // Then
    assertThat(answers.indexOf("\"service\"")).isPositive().isLessThan(answers.indexOf("LIVE"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "NONSENSE\r\n\r\n",
        "GET  HTTP/9.9\r\n\r\n"
      })
  void shouldAnswer400WhenTheRequestIsMalformed(String request) throws Exception {
    // When / Then
    assertThat(raw(request)).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void shouldAnswer413WhenTheBodyIsTooLarge() throws Exception {
    // When / Then
    assertThat(
            raw(
                "POST /reopen_logs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 65537\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ");
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private <B extends com.google.protobuf.Message.Builder> B parse(String path, B builder)
      throws Exception {
    HttpResponse<String> response = admin.get(path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    JsonFormat.parser().usingTypeRegistry(TYPES).merge(response.body(), builder);
    return builder;
  }
}
