package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a scrape shows of a store is what METRICS.md says, and the other way round. */
final class StoreMetricsTest {
  private static final Path DOCUMENT = Path.of("../docs/METRICS.md");
  @TempDir private Path directory;

  @Test
  void shouldDocumentEveryMeterOfTheJournalAndNoOther() throws Exception {
    // When
    Set<String> scraped;
    try (Sidecar sidecar =
        Sidecars.start(config("journal: { directory: %s }".formatted(directory)))) {
      scraped = scraped(sidecar, "handfast_journal_");
    }

    // Then
    assertThat(scraped).isEqualTo(documented("handfast_journal_"));
  }

  @Test
  void shouldDocumentEveryMeterOfEtcdAndNoOther() throws Exception {
    // When
    Set<String> scraped;
    try (EtcdProcess etcd = EtcdProcess.start(directory, "http");
        Sidecar sidecar =
            Sidecars.start(config("etcd: { endpoints: [%s] }".formatted(etcd.endpoint())))) {
      scraped = scraped(sidecar, "handfast_etcd_");
    }

    // Then
    assertThat(scraped).isEqualTo(documented("handfast_etcd_"));
  }

  private static Set<String> documented(String prefix) throws Exception {
    return names("(?m)^\\| `(%s[a-z_]+)` ".formatted(prefix), Files.readString(DOCUMENT));
  }

  private static Set<String> scraped(Sidecar sidecar, String prefix) throws Exception {
    URI uri =
        URI.create(
            "http://127.0.0.1:%d/stats/prometheus".formatted(sidecar.adminAddress().getPort()));
    try (InputStream body = uri.toURL().openStream()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      // Of a histogram, whose samples have endings of their own, the name of the whole.
      return names("(?m)^# TYPE (%s[a-z_]+) ".formatted(prefix), text);
    }
  }

  private static Set<String> names(String pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher name = Pattern.compile(pattern).matcher(text);
    while (name.find()) {
      names.add(name.group(1));
    }
    assertThat(names).as(pattern).isNotEmpty();
    return names;
  }

  private static String config(String store) {
    return """
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    bootstrap_extensions:
    - name: handfast.transaction_manager
      typed_config:
        "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
        service_name: front
        store: { %s }
        control: { address: 127.0.0.1, port: 0, authority: "front-1:15014" }
        control_trust: PLAINTEXT
    """
        .formatted(store);
  }
}
