package io.handfast.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.TypeRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BootstrapLoaderTest {

  private static final String YAML =
      """
      node: { id: n1, cluster: c1 }
      stats_flush_interval: 5s
      bootstrap_extensions:
      - name: x
        typed_config: { "@type": type.googleapis.com/envoy.config.core.v3.SocketAddress, port_value: 80 }
      """;
  private static final String JSON =
      """
      {"node": {"id": "n1", "cluster": "c1"}, "statsFlushInterval": "5s", "bootstrapExtensions": [{"name": "x",
      \t"typedConfig": {"@type": "type.googleapis.com/envoy.config.core.v3.SocketAddress", "portValue": 80}}]}
      """;
  private static final String TEXT =
      """
      node { id: "n1" cluster: "c1" }
      stats_flush_interval { seconds: 5 }
      bootstrap_extensions {
        name: "x"
        typed_config { [type.googleapis.com/envoy.config.core.v3.SocketAddress] { port_value: 80 } }
      }
      """;

  @TempDir Path directory;

  private final ConfigErrors errors = new ConfigErrors();
  private final BootstrapLoader loader =
      new BootstrapLoader(TypeRegistry.of(List.of(SocketAddress.getDefaultInstance())));

  @ParameterizedTest
  @ValueSource(
      strings = {"b.yaml", "b.yml", "b.json", "b.pb_text", "b.pb", "b.txtpb", "b", "b.conf"})
  void shouldReadTheSameFromEveryForm(String name) throws Exception {
    // Given
    String text = name.endsWith("json") ? JSON : name.contains("pb") ? TEXT : YAML;

    // When
    Bootstrap bootstrap = loader.load(BootstrapSource.ofFile(write(name, text)), errors);

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(bootstrap).isEqualTo(loader.load(BootstrapSource.ofYaml(YAML), errors));
    assertThat(bootstrap.getStatsFlushInterval()).isEqualTo(Durations.fromSeconds(5));
  }

  @Test
  void shouldReadTheBinaryForm() throws Exception {
    // Given
    Bootstrap expected = loader.load(BootstrapSource.ofYaml(YAML), errors);
    Path file = directory.resolve("b.pb");
    Files.write(file, expected.toByteArray());

    // When
    Bootstrap bootstrap = loader.load(BootstrapSource.ofFile(file), errors);

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(bootstrap).isEqualTo(expected);
  }

  @Test
  void shouldLayYamlAndOptionsOverTheFile() throws Exception {
    // Given
    BootstrapSource source =
        new BootstrapSource(
            Optional.of(write("b.yaml", YAML + "node_context_params: [a]\n")),
            Optional.of("{ node: { id: n2 }, stats_flush_interval: 7s, node_context_params: [b] }"),
            Optional.of("n3"),
            Optional.of("c3"),
            Optional.of("z3"));

    // When
    Bootstrap bootstrap = loader.load(source, errors);

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(bootstrap.getNode().getId()).isEqualTo("n3");
    assertThat(bootstrap.getNode().getCluster()).isEqualTo("c3");
    assertThat(bootstrap.getNode().getLocality().getZone()).isEqualTo("z3");
    assertThat(bootstrap.getStatsFlushInterval()).isEqualTo(Durations.fromSeconds(7));
    assertThat(bootstrap.getNodeContextParamsList()).containsExactly("a", "b");
    assertThat(bootstrap.getBootstrapExtensionsCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b.yaml|a: [|: line 1, column 5: ",
        "b.json|{|: line 1, column 2: Unexpected end-of-input",
        "b.pb_text|nod { }|:1:1: unknown field nod (expected: a field of envoy.config.bootstrap.v3.Bootstrap)",
        "b.pb_text|node { id: 7 }|:1:12: "
      })
  void shouldSayWhichFileAndWhereWhenItCannotBeRead(String name, String text, String expected)
      throws Exception {
    // Given
    Path file = write(name, text);

    // When
    loader.load(BootstrapSource.ofFile(file), errors);

    // Then
    assertThat(errors.list())
        .singleElement()
        .extracting(ConfigError::toString)
        .asString()
        .startsWith(file + expected)
        .contains("(expected: ");
  }

  @Test
  void shouldTellTheErrorsOfFileAndYamlTogether() throws Exception {
    // Given
    BootstrapSource source =
        new BootstrapSource(
            Optional.of(write("b.yaml", "nod: {}")),
            Optional.of("a: ["),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    // When
    loader.load(source, errors);

    // Then
    assertThat(errors.list()).extracting(ConfigError::path).containsExactly("nod", "--config-yaml");
  }

  @Test
  void shouldRefuseWhenThereIsNothingToRead() throws Exception {
    // Given
    Path missing = directory.resolve("missing.yaml");

    // When
    loader.load(
        new BootstrapSource(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        errors);
    loader.load(BootstrapSource.ofFile(missing), errors);
    loader.load(BootstrapSource.ofFile(directory), errors);

    // Then
    assertThat(errors.list())
        .extracting(ConfigError::toString)
        .satisfiesExactly(
            none ->
                assertThat(none)
                    .isEqualTo(
                        "--config-path: missing (expected: a bootstrap file, or --config-yaml)"),
            absent ->
                assertThat(absent)
                    .isEqualTo(missing + ": no such file (expected: a bootstrap file)"),
            folder -> assertThat(folder).startsWith(directory + ": cannot be read: "));
  }

  @Test
  void shouldRefuseWhenTheFileIsTooLargeOrNotText() throws Exception {
    // Given
    Path large = directory.resolve("large.yaml");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(MessageLoader.MAX_BYTES + 1L);
    }
    Path latin = directory.resolve("latin.yaml");
    Files.write(latin, "node: { id: ä }".getBytes(StandardCharsets.ISO_8859_1));
    Path broken = directory.resolve("broken.pb");
    Files.write(broken, new byte[] {1, 2, 3});

    // When
    loader.load(BootstrapSource.ofFile(large), errors);
    loader.load(BootstrapSource.ofFile(latin), errors);
    loader.load(BootstrapSource.ofFile(broken), errors);

    // Then
    assertThat(errors.list())
        .extracting(ConfigError::toString)
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .isEqualTo(large + ": larger than 64 MiB (expected: at most 67108864 bytes)"),
            second -> assertThat(second).isEqualTo(latin + ": not UTF-8 (expected: text in UTF-8)"),
            third ->
                assertThat(third)
                    .startsWith(broken + ": ")
                    .endsWith("(expected: a Bootstrap in protobuf's encoding)"));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }
}
