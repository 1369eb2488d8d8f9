package io.handfast.xds.bootstrap;

import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
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
 * Reads a message of a file. Thread-safe; reads files, so not for an event loop.
 *
 * <p>The form follows from the file's name, as in Envoy: {@code .json}, {@code .pb_text} (also
 * {@code .pbtxt}, {@code .txtpb}, {@code .textproto}, {@code .prototxt}) and {@code .pb} (text or
 * binary, as its bytes tell); everything else is YAML.
 */
public final class MessageLoader {

  /** Bound of a file's size, that of an xDS message. */
  public static final int MAX_BYTES = 64 << 20;

  private static final Pattern UNKNOWN_FIELD =
      Pattern.compile("^(\\d+:\\d+):\\t([\\w.]+)\\.\\[?([\\w./]+)]?$", Pattern.MULTILINE);

  private final TypeRegistry types;

  /** A loader that knows those messages in an {@code Any}. */
  public MessageLoader(TypeRegistry types) {
    this.types = types;
  }

  /**
   * Reads a file into a message.
   *
   * @param what is expected, for people
   * @param errors takes everything that is wrong
   */
  public void load(Path file, String what, Message.Builder into, ConfigErrors errors) {
    try {
      byte[] bytes = read(file, what);
      switch (extension(file)) {
        case "json" -> merge(JsonReader.read(utf8(bytes), MAX_BYTES), into, errors);
        case "pb_text", "pbtxt", "txtpb", "textproto", "prototxt" -> parseText(utf8(bytes), into);
        case "pb" -> {
          if (isText(bytes)) {
            parseText(utf8(bytes), into);
          } else {
            parseBinary(bytes, into);
          }
        }
        default -> merge(YamlReader.read(utf8(bytes), MAX_BYTES), into, errors);
      }
    } catch (InvalidConfigException e) {
      e.errors().forEach(error -> errors.add(file + error.path(), error.problem()));
    }
  }

  /**
   * Lays YAML over a message.
   *
   * @throws InvalidConfigException if it is none
   */
  void merge(String yaml, Message.Builder into, ConfigErrors errors) throws InvalidConfigException {
    merge(YamlReader.read(yaml, MAX_BYTES), into, errors);
  }

  private void merge(Optional<Tree> tree, Message.Builder into, ConfigErrors errors) {
    tree.ifPresent(document -> new TreeMerger(types, errors).merge(document, into, ""));
  }

  private static String nameOf(Message.Builder message) {
    return message.getDescriptorForType().getName();
  }

  private void parseText(String text, Message.Builder into) throws InvalidConfigException {
    com.google.protobuf.TypeRegistry.Builder descriptors =
        com.google.protobuf.TypeRegistry.newBuilder();
    types
        .names()
        .forEach(name ->
            types.find(name).ifPresent(found -> descriptors.add(found.getDescriptorForType())));
    try {
      TextFormat.Parser.newBuilder().setTypeRegistry(descriptors.build()).build().merge(text, into);
    } catch (TextFormat.ParseException e) {
      throw new InvalidConfigException(textErrors(e, nameOf(into)));
    }
  }

  /** The parser stops at the first error of syntax, but gathers unknown fields, one a line. */
  private static List<ConfigError> textErrors(TextFormat.ParseException e, String name) {
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
        new ConfigError(":" + where, problem + " (expected: a " + name + " as protobuf text)"));
  }

  private static void parseBinary(byte[] bytes, Message.Builder into)
      throws InvalidConfigException {
    try {
      into.mergeFrom(bytes, ExtensionRegistry.getEmptyRegistry());
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidConfigException(
          "", e.getMessage() + " (expected: a " + nameOf(into) + " in protobuf's encoding)");
    }
  }

  private static byte[] read(Path file, String what) throws InvalidConfigException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new InvalidConfigException(
            "", "larger than 64 MiB (expected: at most " + MAX_BYTES + " bytes)");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new InvalidConfigException("", "no such file (expected: " + what + ")");
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
   * The encoding of a message has lengths and tags below 32 all over; a text has only white space
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
