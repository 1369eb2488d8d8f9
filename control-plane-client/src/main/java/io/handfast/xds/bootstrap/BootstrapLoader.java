package io.handfast.xds.bootstrap;

import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.text.JsonReader;
import io.handfast.xds.text.Tree;
import io.handfast.xds.text.TreeMerger;
import io.handfast.xds.text.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a bootstrap. Thread-safe; reads files, so not for an event loop.
 *
 * <p>The form follows from the file's name, as in Envoy: {@code .json}, {@code .pb_text} (also
 * {@code .pbtxt}, {@code .txtpb}, {@code .textproto}, {@code .prototxt}) and {@code .pb} (text or
 * binary, as its bytes tell); everything else is YAML.
 */
public final class BootstrapLoader {

  /** Bound of a bootstrap's size, that of an xDS message. */
  public static final int MAX_BYTES = 64 << 20;

  private static final String FILE_OPTION = "--config-path";
  private static final String YAML_OPTION = "--config-yaml";

  private static final Pattern UNKNOWN_FIELD =
      Pattern.compile("^(\\d+:\\d+):\\t([\\w.]+)\\.\\[?([\\w./]+)]?$", Pattern.MULTILINE);

  private final TypeRegistry types;
  private final TextFormat.Parser textParser;

  /** A loader that knows those messages in an {@code Any}. */
  public BootstrapLoader(TypeRegistry types) {
    this.types = types;
    com.google.protobuf.TypeRegistry.Builder descriptors =
        com.google.protobuf.TypeRegistry.newBuilder();
    types
        .names()
        .forEach(name ->
            types.find(name).ifPresent(found -> descriptors.add(found.getDescriptorForType())));
    this.textParser = TextFormat.Parser.newBuilder().setTypeRegistry(descriptors.build()).build();
  }

  /**
   * Reads the file, lays the YAML and the other options over it.
   *
   * @param errors takes everything that is wrong
   * @return as much as could be read
   */
  public Bootstrap load(BootstrapSource source, ConfigErrors errors) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    if (source.file().isEmpty() && source.yaml().isEmpty()) {
      errors.add(FILE_OPTION, "missing (expected: a bootstrap file, or " + YAML_OPTION + ")");
    }
    source.file().ifPresent(file -> bootstrap.mergeFrom(loadFile(file, errors)));
    source.yaml().ifPresent(yaml -> bootstrap.mergeFrom(loadYaml(yaml, errors)));
    source.serviceNode().ifPresent(id -> bootstrap.getNodeBuilder().setId(id));
    source.serviceCluster().ifPresent(cluster -> bootstrap.getNodeBuilder().setCluster(cluster));
    source
        .serviceZone()
        .ifPresent(zone -> bootstrap.getNodeBuilder().getLocalityBuilder().setZone(zone));
    return bootstrap.build();
  }

  private Bootstrap loadYaml(String yaml, ConfigErrors errors) {
    try {
      return merge(YamlReader.read(yaml, MAX_BYTES), errors);
    } catch (InvalidConfigException e) {
      e.errors().forEach(error -> errors.add(YAML_OPTION, error.problem()));
      return Bootstrap.getDefaultInstance();
    }
  }

  private Bootstrap loadFile(Path file, ConfigErrors errors) {
    try {
      byte[] bytes = read(file);
      return switch (extension(file)) {
        case "json" -> merge(JsonReader.read(utf8(bytes), MAX_BYTES), errors);
        case "pb_text", "pbtxt", "txtpb", "textproto", "prototxt" -> parseText(utf8(bytes));
        case "pb" -> isText(bytes) ? parseText(utf8(bytes)) : parseBinary(bytes);
        default -> merge(YamlReader.read(utf8(bytes), MAX_BYTES), errors);
      };
    } catch (InvalidConfigException e) {
      e.errors().forEach(error -> errors.add(file + error.path(), error.problem()));
      return Bootstrap.getDefaultInstance();
    }
  }

  private Bootstrap merge(Optional<Tree> tree, ConfigErrors errors) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    tree.ifPresent(document -> new TreeMerger(types, errors).merge(document, bootstrap, ""));
    return bootstrap.build();
  }

  private Bootstrap parseText(String text) throws InvalidConfigException {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    try {
      textParser.merge(text, bootstrap);
      return bootstrap.build();
    } catch (TextFormat.ParseException e) {
      throw new InvalidConfigException(textErrors(e));
    }
  }

  /** The parser stops at the first error of syntax, but gathers unknown fields, one a line. */
  private static List<ConfigError> textErrors(TextFormat.ParseException e) {
    String message = String.valueOf(e.getMessage());
    List<ConfigError> unknown =
        UNKNOWN_FIELD
            .matcher(message)
            .results()
            .map(found ->
                new ConfigError(
                    ":" + found.group(1),
                    "unknown field "
                        + found.group(3)
                        + " (expected: a field of "
                        + found.group(2)
                        + ")"))
            .toList();
    if (!unknown.isEmpty()) {
      return unknown;
    }
    String where = e.getLine() + ":" + e.getColumn();
    String problem =
        message.startsWith(where + ": ") ? message.substring(where.length() + 2) : message;
    return List.of(
        new ConfigError(":" + where, problem + " (expected: a Bootstrap as protobuf text)"));
  }

  private static Bootstrap parseBinary(byte[] bytes) throws InvalidConfigException {
    try {
      return Bootstrap.parseFrom(bytes, ExtensionRegistry.getEmptyRegistry());
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidConfigException(
          "", e.getMessage() + " (expected: a Bootstrap in protobuf's encoding)");
    }
  }

  private static byte[] read(Path file) throws InvalidConfigException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new InvalidConfigException(
            "", "larger than 64 MiB (expected: at most " + MAX_BYTES + " bytes)");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new InvalidConfigException("", "no such file (expected: a bootstrap file)");
    } catch (IOException e) {
      throw new InvalidConfigException(
          "", "cannot be read: " + e.getMessage() + " (expected: a readable file)");
    }
  }

  private static String utf8(byte[] bytes) throws InvalidConfigException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidConfigException("", "not UTF-8 (expected: text in UTF-8)");
    }
  }

  /**
   * The encoding of a bootstrap has lengths and tags below 32 all over; a text has only white space
   * there.
   */
  private static boolean isText(byte[] bytes) {
    for (byte b : bytes) {
      if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  private static String extension(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
