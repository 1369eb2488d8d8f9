package io.handfast.proxy.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.redirect.Redirection.Backend;
import io.handfast.proxy.redirect.Redirection.Ipv6;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * A pod's connections, redirected by the kernel to a real sidecar: in namespaces, both families,
 * both backends.
 */
final class RedirectionIT {
  private static final int SERVICE = 8080;
  private static final int EXCLUDED = 8081;
  private static final int VIRTUAL = 9090;
  private static final int TCP = 7070;
  private static final int BLOCKED = 7071;

  /** Of which it is known what is spoken. */
  private static final List<Integer> HTTP = List.of(1, SERVICE, VIRTUAL, 15001, 15006);

  private static final RedirectPlan PLAN = RedirectPlans.everythingBut(EXCLUDED);

  private static @Nullable Namespaces namespaces;

  @TempDir private static Path directory;

  @BeforeAll
  static void start() throws IOException {
    Namespaces made = Namespaces.create();
    namespaces = made;
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path files = Files.createDirectory(directory.resolve("files"));
    Files.writeString(files.resolve("index.html"), "the service\n");
    for (int port : new int[] {SERVICE, EXCLUDED, TCP}) {
      made.startInPeer(directory.resolve("peer-" + port), service(java, files, port));
    }
    made.startInPod(directory.resolve("service"), service(java, files, SERVICE));
    Path config =
        Files.writeString(
            directory.resolve("sidecar.yaml"),
            SIDECAR.replace("TCP_LOG", directory.resolve("tcp.log").toString()));
    Path log = directory.resolve("sidecar.log");
    made.startInPod(
        log,
        List.of(
            "setpriv",
            "--regid",
            "1337",
            "--clear-groups",
            java,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "io.handfast.proxy.cli.Main",
            "proxy",
            "-c",
            config.toString()));
    await("the sidecar: " + log)
        .atMost(Duration.ofSeconds(60))
        .until(() -> made.askFromPeer(Namespaces.POD_V4, 15021).contains("200 OK"));
    for (String address : List.of(Namespaces.PEER_V4, Namespaces.PEER_V6)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> made.askFromPod(address, EXCLUDED).contains("the service"));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> made.askFromPod(address, SERVICE).contains("the service"));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> made.askFromPod(address, TCP).contains("the service"));
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> made.askFromPeer(Namespaces.POD_V6, SERVICE).contains("the service"));
  }

  private static List<String> service(String java, Path files, int port) {
    return List.of(
        java,
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-m",
        "jdk.httpserver",
        "-b",
        "::",
        "-p",
        String.valueOf(port),
        "-d",
        files.toString());
  }

  @AfterEach
  void takeAway() throws IOException {
    redirection(Backend.AUTO).cleanUp();
  }

  @AfterAll
  static void stop() {
    if (namespaces != null) {
      namespaces.close();
    }
  }

  private static Namespaces here() {
    if (namespaces == null) {
      throw new IllegalStateException("namespaces: none (expected: made)");
    }
    return namespaces;
  }

  private static Redirection redirection(Backend backend) {
    return new Redirection(here().inPod(), backend, Ipv6.ALWAYS);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void shouldKeepTheDestinationOfWhatLeavesThePod(Backend backend) throws Exception {
    // Given
    redirection(backend).install(PLAN);
    redirection(backend).install(PLAN); // again: nothing changes

    // When
    String v4 = here().askFromPod(Namespaces.PEER_V4, SERVICE);
    String v6 = here().askFromPod(Namespaces.PEER_V6, SERVICE);

    // Then
    assertThat(v4).contains("the service").contains("x-way: out 10.99.77.2:8080\r\n");
    assertThat(v6).contains("the service").contains("x-way: out [fd99:77::2]:8080\r\n");
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void shouldKeepTheDestinationOfWhatComesToThePod(Backend backend) throws Exception {
    // Given
    redirection(backend).install(PLAN);

    // When
    String v4 = here().askFromPeer(Namespaces.POD_V4, SERVICE);
    String v6 = here().askFromPeer(Namespaces.POD_V6, SERVICE);

    // Then
    assertThat(v4).contains("the service").contains("x-way: in 10.99.77.1:8080\r\n");
    assertThat(v6).contains("the service").contains("x-way: in [fd99:77::1]:8080\r\n");
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void shouldLeaveAloneWhatIsExcluded(Backend backend) throws Exception {
    // Given
    redirection(backend).install(PLAN);

    // When
    String sidecars = here().askAsSidecar(Namespaces.PEER_V4, SERVICE);
    String excluded = here().askFromPod(Namespaces.PEER_V6, EXCLUDED);
    String loopback = here().askFromPod("127.0.0.1", SERVICE);
    String own = here().askFromPod(Namespaces.POD_V4, SERVICE);

    // Then
    assertThat(List.of(sidecars, excluded, loopback, own))
        .allSatisfy(answer -> assertThat(answer).contains("the service").doesNotContain("x-way:"));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void shouldLeaveNothingWhenItHasCleanedUp(Backend backend) throws Exception {
    // Given
    redirection(backend).install(PLAN);

    // When
    redirection(Backend.AUTO).cleanUp();
    redirection(Backend.AUTO).cleanUp(); // again: nothing happens

    // Then
    assertThat(here().askFromPod(Namespaces.PEER_V4, SERVICE))
        .contains("the service")
        .doesNotContain("x-way:");
    String rules =
        here().inPod().run(List.of("nft", "list", "ruleset"), "").output()
            + here().inPod().run(List.of("iptables-save"), "").output()
            + here().inPod().run(List.of("ip6tables-save"), "").output();
    assertThat(rules).doesNotContainIgnoringCase("handfast");
  }

  @Test
  void shouldHandAConnectionToTheListenerOfItsAddress() throws Exception {
    // Given
    redirection(Backend.NFT).install(PLAN);

    // When
    String answer = here().askFromPod(Namespaces.PEER_V4, VIRTUAL);
    String other = here().askFromPod(Namespaces.PEER_V6, VIRTUAL);

    // Then
    assertThat(answer).endsWith("virtual").contains("x-way: virtual 10.99.77.2:9090\r\n");
    assertThat(other).contains(" 503 ").contains("x-way: out [fd99:77::2]:9090\r\n");
  }

  @Test
  void shouldPassOnOrBlockWhatNobodyKnows() throws Exception {
    // Given
    redirection(Backend.NFT).install(PLAN);

    // When
    String v4 = here().askFromPod(Namespaces.PEER_V4, TCP);
    String v6 = here().askFromPod(Namespaces.PEER_V6, TCP);
    String blocked = here().askFromPod(Namespaces.PEER_V4, BLOCKED);
    String blockedV6 = here().askFromPod(Namespaces.PEER_V6, BLOCKED);

    // Then
    assertThat(v4).contains("the service").doesNotContain("x-way:");
    assertThat(v6).contains("the service").doesNotContain("x-way:");
    // The request was not read: that may be a reset.
    assertThat(blocked).doesNotContain("HTTP/");
    assertThat(blockedV6).doesNotContain("HTTP/");
    Path log = directory.resolve("tcp.log");
    List<String> lines = await().until(() -> Files.readAllLines(log), all -> all.size() == 4);
    assertThat(lines)
        .containsExactlyInAnyOrder(
            "passthrough 10.99.77.2:7070 10.99.77.2:7070 -",
            "passthrough [fd99:77::2]:7070 [fd99:77::2]:7070 -",
            "blackhole - 10.99.77.2:7071 UH",
            "blackhole - [fd99:77::2]:7071 UH");
  }

  @Test
  void shouldRefuseAConnectionThatWouldComeBack() throws Exception {
    // Given
    redirection(Backend.NFT).install(PLAN);

    // When
    String in = here().askFromPeer(Namespaces.POD_V4, 15006);
    String out = here().askFromPod(Namespaces.POD_V4, 15001);
    String outFromOutside = here().askFromPeer(Namespaces.POD_V6, 15001);

    // Then
    assertThat(List.of(in, out, outFromOutside))
        .allSatisfy(answer -> assertThat(answer).contains(" 503 ").contains("no healthy upstream"));
  }

  @Test
  void shouldGoWhereTheHeaderSays() throws Exception {
    // Given
    redirection(Backend.NFT).install(PLAN);

    // When
    String header =
        here()
            .askFromPod(
                Namespaces.PEER_V4,
                1,
                "x-envoy-original-dst-host: [" + Namespaces.PEER_V6 + "]:8080");
    String invalid =
        here().askFromPod(Namespaces.PEER_V4, SERVICE, "x-envoy-original-dst-host: peer:8080");

    // Then
    assertThat(header).contains("the service").contains("x-way: out 10.99.77.2:1\r\n");
    assertThat(invalid).contains("the service");
  }

  private static final String SIDECAR =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 15000 } } }
      static_resources:
        listeners:
      """
          + listener("out", "0.0.0.0", 15001, "OUTBOUND", "use_original_dst: true")
          + listener("out", "'::'", 15001, "OUTBOUND", "use_original_dst: true")
          + listener("in", "0.0.0.0", 15006, "INBOUND", "")
          + listener("in", "'::'", 15006, "INBOUND", "")
          + direct("virtual", "10.99.77.2", VIRTUAL, "bind_to_port: false")
          + direct("ready", "0.0.0.0", 15021, "")
          + """
            clusters:
            - name: passthrough
              type: ORIGINAL_DST
              lb_policy: CLUSTER_PROVIDED
              connect_timeout: 5s
              original_dst_lb_config: { use_http_header: true }
            - { name: blackhole, type: STATIC }
          """;

  private static String listener(
      String name, String address, int port, String direction, String fields) {
    return """
      - name: %1$s %2$s
        traffic_direction: %4$s
        address: { socket_address: { address: %2$s, port_value: %3$d } }
        %5$s
        listener_filters:
        - { name: o, typed_config: { "@type": a/envoy.extensions.filters.listener.original_dst.v3.OriginalDst } }
        filter_chains:
        %6$s
        - { filter_chain_match: { destination_port: 7071 }, filters: [%8$s] }
        default_filter_chain: { filters: [%7$s] }
    """
        .formatted(
            name.replace("'", ""),
            address,
            port,
            direction,
            fields,
            HTTP.stream()
                .map(known -> chain(known, manager(name, "route: { cluster: passthrough }")))
                .collect(Collectors.joining("\n    ")),
            tcp("passthrough"),
            tcp("blackhole"))
        .replace("- name: out '::'", "- name: out-v6")
        .replace("- name: in '::'", "- name: in-v6");
  }

  private static String chain(int port, String filter) {
    return "- { filter_chain_match: { destination_port: %d }, filters: [%s] }"
        .formatted(port, filter);
  }

  private static String tcp(String cluster) {
    return """
    { name: t, typed_config: {
      "@type": a/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: %s,
      access_log: [{ name: f, typed_config: {
        "@type": a/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: TCP_LOG,
        log_format: { text_format_source: { inline_string: "%%UPSTREAM_CLUSTER%% %%UPSTREAM_HOST%% %%DOWNSTREAM_LOCAL_ADDRESS%% %%RESPONSE_FLAGS%%\\n" } } } }] } }\
    """
        .formatted(cluster)
        .replace("\n", " ");
  }

  private static String direct(String name, String address, int port, String fields) {
    return """
      - name: %1$s
        address: { socket_address: { address: %2$s, port_value: %3$d } }
        %4$s
        filter_chains:
        - filters: [%5$s]
    """
        .formatted(
            name,
            address,
            port,
            fields,
            manager(
                name, "direct_response: { status: 200, body: { inline_string: " + name + " } }"));
  }

  private static String manager(String name, String action) {
    return """
    { name: h, typed_config: {
      "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
      stat_prefix: %1$s,
      route_config: {
        response_headers_to_add: [{ header: { key: x-way, value: "%1$s %%DOWNSTREAM_LOCAL_ADDRESS%%" } }],
        virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, %2$s }] }] },
      http_filters: [{ name: r, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }] } }\
    """
        .formatted(name, action)
        .replace("\n", " ");
  }
}
