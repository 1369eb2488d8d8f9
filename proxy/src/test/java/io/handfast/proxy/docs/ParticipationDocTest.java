package io.handfast.proxy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.server.ConfigCheck;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.store.Compiled;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What PARTICIPATION.md shows can be configured, and what it says is refused is. */
class ParticipationDocTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\n# (.*?)\n(.*?)^```$");
  private static final Pattern PROBLEM = Pattern.compile("(\\d{3}),\\s+\"([a-z-]+)\",\\s+\"[A-Z]");

  /**
   * A sidecar: placeholders are what the manager, a route, the listeners and the clusters have
   * besides.
   */
  @SuppressWarnings("InlineFormatString") // it would hide the test that fills it in
  private static final String SIDECAR =
      """
      bootstrap_extensions:
      - name: handfast.transaction_manager
        typed_config:
          "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
          service_name: bank
          store: { journal: { directory: state } }
          control: { address: 127.0.0.1, port: 0 }
          control_trust: PLAINTEXT
          local_cluster: service
      %s
      static_resources:
        listeners:
        - name: in
          traffic_direction: INBOUND
          address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
          filter_chains:
          - filters:
            - name: hcm
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                route_config:
                  virtual_hosts:
                  - name: v
                    domains: ["*"]
                    routes:
                    - match: { prefix: / }
                      route: { cluster: service }
                      typed_per_filter_config:
      %s
                http_filters:
                - { name: handfast.transaction, typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.Transaction, trust: PLAINTEXT } }
                - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
      %s
        clusters:
        - { name: service, load_assignment: { cluster_name: service, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 81 } } } }] }] } }
      %s
      """;

  @TempDir Path directory;

  private static String document() throws IOException {
    return Files.readString(ROOT.resolve("docs/PARTICIPATION.md"));
  }

  /** The blocks of YAML of a section, by where they belong. */
  private static Map<String, String> yaml(String section) throws IOException {
    String text = document();
    int start = text.indexOf("\n## `" + section + "`\n");
    int end = text.indexOf("\n## ", start + 1);
    Map<String, String> blocks = new TreeMap<>();
    Matcher block = YAML.matcher(text.substring(start, end));
    while (block.find()) {
      blocks.put(block.group(1), block.group(2));
    }
    assertThat(blocks).as(section).isNotEmpty();
    return blocks;
  }

  private static String item(String yaml) {
    return yaml.isEmpty() ? "" : "  -\n" + yaml.indent(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"read-only", "callback", "database"})
  void shouldShowAConfigurationThatStartsForEachMode(String mode) throws Exception {
    // Given
    Path authority = directory.resolve("ca.pem");
    Files.writeString(
        authority,
        new CertificateBuilder()
            .subject("CN=a database's authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned()
            .getCertificatePEM());
    Map<String, String> blocks = yaml(mode);
    String manager = blocks.getOrDefault("of handfast.transaction_manager", "");
    String route = blocks.getOrDefault("of an inbound route: typed_per_filter_config", "");
    String listener = blocks.getOrDefault("a listener", "");
    String cluster = blocks.getOrDefault("a cluster", "");

    // When
    Compiled<ConfigSnapshot> compiled =
        ConfigCheck.check(
            BootstrapSource.ofYaml(
                SIDECAR
                    .formatted(manager.indent(4), route.indent(18), item(listener), item(cluster))
                    .replace("/etc/handfast/database-ca.pem", authority.toString())));

    // Then
    assertThat(route).isNotEmpty();
    assertThat(compiled.errors()).isEmpty();
  }

  @Test
  void shouldNameProblemsByTheirStatusAsTheEngineAnswersThem() throws IOException {
    // Given
    Map<String, String> answered = new TreeMap<>();
    Matcher problem =
        PROBLEM.matcher(
            Files.readString(
                ROOT.resolve(
                    "tx-interceptor/src/main/java/io/handfast/tx/engine/answer/Problems.java")));
    while (problem.find()) {
      answered.put(problem.group(2), problem.group(1));
    }

    // When
    List<String> wrong = new ArrayList<>();
    int named = 0;
    String text = document();
    Matcher row =
        Pattern.compile("(?m)^\\| `([a-z-]+)` \\| (\\d{3}) \\|")
            .matcher(text.substring(text.indexOf("\n### To a service")));
    while (row.find()) {
      named++;
      if (!row.group(2).equals(answered.get(row.group(1)))) {
        wrong.add(row.group());
      }
    }

    // Then
    assertThat(named).isGreaterThan(8);
    assertThat(wrong).isEmpty();
  }

  @Test
  void shouldNameForEveryRefusalOfACallTheTestThatAssertsIt() throws IOException {
    // Given
    String text = document();
    String table = text.substring(text.indexOf("\n| name | status | detail |"));
    Matcher row =
        Pattern.compile(
                "(?m)^\\| `([a-z-]+)` \\| (\\d{3}) \\| `([^`]+)` \\|.*\\| `(\\w+)\\.(\\w+)` \\|$")
            .matcher(table);

    // When
    List<String> unproved = new ArrayList<>();
    int rows = 0;
    while (row.find()) {
      rows++;
      String test = SqlRefusals.test(ROOT, row.group(4), row.group(5));
      boolean named = test.contains(row.group(2) + ",") && test.contains('"' + row.group(1) + '"');
      boolean words = Stream.of(row.group(3).split("\\{}", -1)).allMatch(test::contains);
      if (!named || !words) {
        unproved.add(row.group());
      }
    }

    // Then
    String rest = table.strip();
    assertThat(rows).isEqualTo((int) rest.substring(0, rest.indexOf("\n\n")).lines().count() - 2);
    assertThat(unproved).isEmpty();
  }

  @Test
  void shouldListEveryRefusalOfSqlAndNoOther() throws IOException {
    // Given
    Map<String, String> documented = new TreeMap<>();
    Matcher row =
        Pattern.compile("(?m)^\\| ([0-9A-Z, ]{5,}) \\| `([^`]+)` \\|").matcher(sql("message"));
    while (row.find()) {
      documented.put(row.group(2), row.group(1));
    }

    // When
    Map<String, String> refused = new TreeMap<>();
    for (String directory :
        List.of(
            "proxy/src/main/java/io/handfast/proxy/postgres/session",
            "tx-interceptor/src/main/java/io/handfast/tx/engine")) {
      refused.putAll(SqlRefusals.in(ROOT.resolve(directory)));
    }

    // Then
    assertThat(documented.keySet()).isEqualTo(refused.keySet());
    refused.forEach((message, state) -> assertThat(documented.get(message)).contains(state));
  }

  @Test
  void shouldNameForEveryRefusalOfSqlTheTestThatAssertsIt() throws IOException {
    // Given
    Matcher row =
        Pattern.compile("(?m)^\\| ([0-9A-Z, ]{5,}) \\| `([^`]+)` \\|.*\\| `(\\w+)\\.(\\w+)` \\|$")
            .matcher(sql("message"));

    // When
    List<String> unproved = new ArrayList<>();
    int rows = 0;
    while (row.find()) {
      rows++;
      String test = SqlRefusals.test(ROOT, row.group(3), row.group(4));
      boolean states =
          Stream.of(row.group(1).split(", ", -1))
              .filter(state -> !state.equals("XX000")) // or the error's own
              .allMatch(test::contains);
      boolean words = Stream.of(row.group(2).split("\\{}", -1)).allMatch(test::contains);
      if (!states || !words) {
        unproved.add(row.group());
      }
    }

    // Then
    assertThat(rows).isEqualTo((int) sql("message").lines().count() - 2);
    assertThat(unproved).isEmpty();
  }

  /** The table of that section whose second column has that title. */
  private static String sql(String title) throws IOException {
    String text = document();
    int start = text.indexOf("| SQLSTATE | " + title + " |");
    assertThat(start).isPositive();
    int end = text.indexOf("\n\n", start);
    return text.substring(start, end < 0 ? text.length() : end);
  }

  @Test
  void shouldQuoteTheHintsThatAreAddedToErrorsOfPostgres() throws IOException {
    // Given
    String code =
        SqlRefusals.texts(ROOT.resolve("proxy/src/main/java/io/handfast/proxy/postgres/session"));

    // When
    List<String> hints = new ArrayList<>();
    Matcher row =
        Pattern.compile("(?m)^\\| [^|]+ \\| `([^`]+)` \\|").matcher(sql("hint begins with"));
    while (row.find()) {
      hints.add(row.group(1));
    }

    // Then
    assertThat(hints).hasSize(3).allSatisfy(hint -> assertThat(code).contains(hint.strip()));
  }
}
