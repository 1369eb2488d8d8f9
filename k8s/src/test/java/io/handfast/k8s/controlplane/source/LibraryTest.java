package io.handfast.k8s.controlplane.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceType;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LibraryTest {
  private static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  private static final String ROUTES =
      "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

  private final Library library = new Library(new SidecarValidator());
  private final SortedMap<String, ByteString> files = new TreeMap<>();

  private Findings with(String file, String text) {
    files.put(file, ByteString.copyFromUtf8(text));
    return library.update(files);
  }

  private Findings without(String file) {
    files.remove(file);
    return library.update(files);
  }

  private static String cluster(String name) {
    return "{ '@type': %s, name: %s, type: STATIC, connect_timeout: 1s }\n"
        .formatted(CLUSTER, name);
  }

  private static String routes(String name, String cluster) {
    return """
    '@type': %s
    name: %s
    virtual_hosts:
    - name: all
      domains: ['*']
      routes:
      - match: { prefix: / }
        route: { cluster: %s }
    """
        .formatted(ROUTES, name, cluster);
  }

  private static String listener(String name, int port) {
    return """
    '@type': type.googleapis.com/envoy.config.listener.v3.Listener
    name: %s
    traffic_direction: INBOUND
    address: { socket_address: { address: 127.0.0.1, port_value: %s } }
    filter_chains:
    - filters:
      - name: http
        typed_config:
          '@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          rds: { route_config_name: r, config_source: { ads: {} } }
          http_filters:
          - name: handfast.transaction
            typed_config: { '@type': type.googleapis.com/handfast.transaction.v1.Transaction }
          - name: router
            typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
    """
        .formatted(name, port);
  }

  private static Collection<String> names(Findings findings, ResourceType<?> type) {
    return findings.snapshot().all(type).stream().map(each -> each.name()).toList();
  }

  private static String errors(Findings findings, String file) {
    return findings.refused().getOrDefault(file, List.of()).stream()
        .map(ConfigError::toString)
        .reduce((a, b) -> a + "\n" + b)
        .orElseThrow();
  }

  @Test
  void shouldReadDocumentsListsWrappersAndJson() {
    // When
    with("a.yaml", "---\n" + cluster("one") + "---\n# nothing\n---\n" + routes("r", "one"));
    with(
        "b.yml",
        "version_info: '7'\nresources:\n- "
            + cluster("two")
            + "- '@type': type.googleapis.com/envoy.service.discovery.v3.Resource\n"
            + "  name: three\n  resource: "
            + cluster("three"));
    Findings findings =
        with(
            "c.json",
            "{\"@type\": \"%s\", \"name\": \"four\", \"connectTimeout\": \"1s\"}"
                .formatted(CLUSTER));

    // Then
    assertThat(findings.refused()).isEmpty();
    assertThat(findings.warnings()).isEmpty();
    assertThat(names(findings, ResourceType.CLUSTER))
        .containsExactly("four", "one", "three", "two");
    assertThat(names(findings, ResourceType.ROUTE)).containsExactly("r");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "a: [|a.yaml: line 1, column 5: ",
        "- 1|a.yaml (document 1): a list (expected: a resource with '@type', or a list 'resources')",
        "name: x|a.yaml (document 1): neither '@type' nor 'resources' (expected: ",
        "'@type': type.googleapis.com/envoy.config.cluster.v3.Clusters|a.yaml (document 1).@type: type.googleapis.com/envoy.config.cluster.v3.Clusters (expected: one of envoy.config.cluster.v3.Cluster, envoy.config.endpoint.v3.ClusterLoadAssignment, envoy.config.listener.v3.Listener, envoy.config.route.v3.RouteConfiguration, envoy.extensions.transport_sockets.tls.v3.Secret, envoy.config.core.v3.TypedExtensionConfig; did you mean 'envoy.config.cluster.v3.Cluster'?)",
        "'@type': type.googleapis.com/envoy.config.cluster.v3.Cluster|a.yaml (document 1).name: missing (expected: the name that it is asked for by)",
        "{ '@type': type.googleapis.com/envoy.config.cluster.v3.Cluster, name: x, lb_polcy: RANDOM }|a.yaml (document 1).lb_polcy: unknown field (expected: a field of envoy.config.cluster.v3.Cluster; did you mean 'lb_policy'?)",
        "# one~---~a: 1~---~resources: [ 5 ]|a.yaml (document 1): neither '@type' nor 'resources'",
        "--- # none~---~resources: [ 5 ]|a.yaml (document 2).resources[0]: 5 (expected: a mapping with '@type' and the fields of that message)"
      })
  void shouldSayFileDocumentFieldAndWhatIsExpected(String text, String expected) {
    // When
    Findings findings = with("a.yaml", text.replace('~', '\n'));

    // Then
    assertThat(errors(findings, "a.yaml")).startsWith(expected);
    assertThat(findings.snapshot().isEmpty()).isTrue();
  }

  @Test
  void shouldKeepWhatAFileSaidBeforeAsLongAsAnythingInItIsWrong() {
    // Given
    with("a.yaml", cluster("one"));

    // When
    Findings bad = with("a.yaml", cluster("two") + "---\nname: {\n");

    // Then
    assertThat(names(bad, ResourceType.CLUSTER)).containsExactly("one");
    assertThat(bad.refused()).containsOnlyKeys("a.yaml");
    Findings mended = with("a.yaml", cluster("two"));
    assertThat(names(mended, ResourceType.CLUSTER)).containsExactly("two");
    assertThat(mended.refused()).isEmpty();
  }

  @Test
  void shouldRefuseWhatASidecarWouldRefuseAndTakeTheOtherFiles() {
    // Given
    with("routes.yaml", routes("r", "one"));

    // When
    with("routes.yaml", routes("r", "one").replace("prefix: /", "safe_regex: { regex: '(' }"));
    Findings findings = with("clusters.yaml", cluster("one"));

    // Then
    assertThat(errors(findings, "routes.yaml"))
        .isEqualTo(
            "routes.yaml (document 1).virtual_hosts[0].routes[0].match.safe_regex.regex: ("
                + " (expected: RE2 syntax: missing closing ))");
    assertThat(names(findings, ResourceType.CLUSTER)).containsExactly("one");
    assertThat(names(findings, ResourceType.ROUTE)).containsExactly("r");
  }

  @Test
  void shouldTakeAListenerWithTheTransactionFilterThoughTheManagerIsInTheBootstrap() {
    // When
    Findings findings = with("l.yaml", listener("l", 0) + "---\n" + routes("r", "one"));

    // Then
    assertThat(findings.refused()).isEmpty();
    assertThat(names(findings, ResourceType.LISTENER)).containsExactly("l");
  }

  @Test
  void shouldRefuseAnUnknownFilterByItsPath() {
    // When
    Findings findings =
        with(
            "l.yaml", listener("l", 0).replace("handfast.transaction.v1.Transaction", "my.Filter"));

    // Then
    assertThat(errors(findings, "l.yaml"))
        .startsWith(
            "l.yaml (document 1).filter_chains[0].filters[0].typed_config.http_filters[0]"
                + ".typed_config.@type: type.googleapis.com/my.Filter is not known here");
  }

  @Test
  void shouldRefuseTheFileThatBringsANameThatIsThereAndNameBoth() {
    // Given
    with("b.yaml", cluster("one"));

    // When
    Findings twice = with("a.yaml", cluster("two") + "---\n" + cluster("one"));

    // Then
    assertThat(errors(twice, "a.yaml"))
        .isEqualTo(
            "a.yaml (document 2): clusters[one] is in b.yaml too (expected: each name of a type"
                + " once)");
    assertThat(names(twice, ResourceType.CLUSTER)).containsExactly("one");
    Findings moved = with("b.yaml", cluster("three"));
    assertThat(moved.refused()).isEmpty();
    assertThat(names(moved, ResourceType.CLUSTER)).containsExactly("one", "three", "two");
  }

  @Test
  void shouldRefuseANameThatIsTwiceInOneFile() {
    assertThat(errors(with("a.yaml", cluster("one") + "---\n" + cluster("one")), "a.yaml"))
        .isEqualTo(
            "a.yaml (document 2).name: one (expected: each name of a type once; a.yaml (document"
                + " 1) has it)");
  }

  @Test
  void shouldRefuseAListenerWhoseAddressAnotherFileHas() {
    // Given
    with("r.yaml", routes("r", "one"));
    with("z.yaml", listener("first", 7001));

    // When
    Findings clash = with("a.yaml", listener("second", 7001));

    // Then
    assertThat(errors(clash, "a.yaml"))
        .startsWith("a.yaml (document 1).address: 127.0.0.1:7001 (expected: an address of its own");
    assertThat(names(clash, ResourceType.LISTENER)).containsExactly("first");
  }

  @Test
  void shouldWarnOfWhatIsNamedAndNotThere() {
    // When
    Findings findings = with("r.yaml", routes("r", "nowhere"));

    // Then
    assertThat(findings.warnings())
        .containsExactly(
            "r.yaml (document 1): names clusters[nowhere], which is not here (expected: it, unless"
                + " clients have it in their bootstrap)");
    assertThat(names(findings, ResourceType.ROUTE)).containsExactly("r");
  }

  @Test
  void shouldForgetAFileThatIsGoneAndSoWhatItSaidBefore() {
    // Given
    with("a.yaml", cluster("one"));
    with("b.yaml", cluster("two"));

    // When
    Findings gone = without("a.yaml");
    Findings back = with("a.yaml", "nonsense");

    // Then
    assertThat(names(gone, ResourceType.CLUSTER)).containsExactly("two");
    assertThat(names(back, ResourceType.CLUSTER)).containsExactly("two");
  }

  @Test
  void shouldCallTheSameThingByTheSameVersionInAnotherProcess() {
    // Given
    Findings here = with("a.yaml", cluster("one"));

    // When
    Library other = new Library(new SidecarValidator());
    files.put("b.yaml", ByteString.copyFromUtf8(cluster("two")));
    Findings there = other.update(files);

    // Then
    assertThat(there.snapshot().find(ResourceType.CLUSTER, "one"))
        .isEqualTo(here.snapshot().find(ResourceType.CLUSTER, "one"));
    assertThat(there.snapshot().version(ResourceType.CLUSTER))
        .isNotEqualTo(here.snapshot().version(ResourceType.CLUSTER));
  }

  @Test
  void shouldLookIntoInlineSecretsButNotForFilesOfAnotherMachine() {
    // Given
    String secret =
        "{ '@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret, name: s,"
            + " tls_certificate: { certificate_chain: { %s }, private_key: { %s } } }";

    // When
    Findings files =
        with("s.yaml", secret.formatted("filename: /not/here.pem", "filename: /not/here.key"));
    Findings inline =
        with("s.yaml", secret.formatted("inline_string: nonsense", "inline_string: nonsense"));

    // Then
    assertThat(files.refused()).isEmpty();
    assertThat(errors(inline, "s.yaml")).startsWith("s.yaml (document 1).tls_certificate");
  }
}
