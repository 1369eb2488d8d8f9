package io.handfast.xds.cache;

import com.google.protobuf.ByteString;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The bytes of a saved configuration.
 *
 * <pre>
 * magic 8 · format 4 · length of the content 4 · SHA-256 of the content 32 · content
 * content: epochMillis 8 · node · cluster · sources · count 4 · count × (type URL · version · message)
 * </pre>
 *
 * Texts and messages are a length of 4 bytes and so many bytes; all numbers are big-endian.
 */
final class CacheFile {

  /** More is neither written nor read. */
  static final int MAX_BYTES = 256 << 20;

  private static final byte[] MAGIC = "HFCONFIG".getBytes(StandardCharsets.US_ASCII);
  private static final int FORMAT = 1;
  private static final int DIGEST_BYTES = 32;
  private static final int HEADER_BYTES = MAGIC.length + 4 + 4 + DIGEST_BYTES;

  private CacheFile() {}

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * What to write.
   *
   * @throws CacheException if it is more than fits
   */
  static ByteBuffer encode(SavedConfig saved) throws CacheException {
    byte[] content;
    try {
      content = content(saved);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (content.length > MAX_BYTES - HEADER_BYTES) {
      throw new CacheException(
          content.length + " bytes (expected: at most " + (MAX_BYTES - HEADER_BYTES) + ")");
    }
    return ByteBuffer.allocate(HEADER_BYTES + content.length)
        .put(MAGIC)
        .putInt(FORMAT)
        .putInt(content.length)
        .put(sha256(content))
        .put(content)
        .flip();
  }

  private static byte[] content(SavedConfig saved) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(saved.epochMillis());
    text(out, saved.owner().node());
    text(out, saved.owner().cluster());
    text(out, saved.owner().sources());
    int count = 0;
    for (ResourceType<?> type : ResourceType.ALL) {
      count += SavedConfig.sent(saved.resources(), type).size();
    }
    out.writeInt(count);
    for (ResourceType<?> type : ResourceType.ALL) {
      for (Offered<?> each : SavedConfig.sent(saved.resources(), type)) {
        text(out, type.typeUrl());
        text(out, each.version());
        ByteString message = each.content().bytes();
        out.writeInt(message.size());
        message.writeTo(out);
      }
    }
    return bytes.toByteArray();
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * What was written.
   *
   * @throws CacheException if the bytes are not exactly those of a saved configuration
   */
  static SavedConfig decode(byte[] bytes) throws CacheException {
    if (bytes.length < HEADER_BYTES) {
      throw new CacheException(
          "torn: " + bytes.length + " bytes (expected: at least " + HEADER_BYTES + ")");
    }
    ByteBuffer header = ByteBuffer.wrap(bytes, 0, HEADER_BYTES);
    byte[] magic = new byte[MAGIC.length];
    header.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new CacheException("not a saved configuration (expected: it begins with HFCONFIG)");
    }
    int format = header.getInt();
    if (format != FORMAT) {
      throw new CacheException(
          "written in format " + Integer.toUnsignedString(format) + " (expected: " + FORMAT + ")");
    }
    int length = header.getInt();
    if (length != bytes.length - HEADER_BYTES) {
      throw new CacheException(
          "torn: "
              + (bytes.length - HEADER_BYTES)
              + " bytes of content (expected: "
              + Integer.toUnsignedString(length)
              + ")");
    }
    byte[] digest = new byte[DIGEST_BYTES];
    header.get(digest);
    byte[] content = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    if (!MessageDigest.isEqual(digest, sha256(content))) {
      throw new CacheException("damaged: its content is not what its checksum says");
    }
    return read(content);
  }

  private static SavedConfig read(byte[] content) throws CacheException {
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(content));
      long epochMillis = in.readLong();
      CacheOwner owner = new CacheOwner(text(in), text(in), text(in));
      ResourceSet resources = ResourceSet.of(Bootstrap.getDefaultInstance());
      List<Offered<Message>> several = new ArrayList<>();
      ResourceType<?> type = ResourceType.CLUSTER;
      for (int left = in.readInt(); left > 0; left--) {
        ResourceType<?> next = type(text(in));
        if (!next.equals(type)) {
          resources = with(resources, type, several);
          several.clear();
          type = next;
        }
        several.add(resource(type, text(in), bytes(in)));
      }
      return new SavedConfig(owner, epochMillis, with(resources, type, several));
    } catch (IOException e) {
      throw new CacheException("not as this version writes it: " + e.getMessage(), e);
    }
  }

  /** Each was parsed as that type. */
  @SuppressWarnings("unchecked")
  private static <M extends Message> ResourceSet with(
      ResourceSet resources, ResourceType<M> type, List<Offered<Message>> several) {
    List<Offered<M>> offered = new ArrayList<>();
    several.forEach(each -> offered.add((Offered<M>) (Offered<?>) each));
    return resources.with(type, offered, Set.of());
  }

  private static ResourceType<?> type(String url) throws CacheException {
    return ResourceType.ALL.stream()
        .filter(each -> each.typeUrl().equals(url))
        .findFirst()
        .orElseThrow(() -> new CacheException("holds " + url + ", which is not known here"));
  }

  private static Offered<Message> resource(ResourceType<?> type, String version, byte[] bytes)
      throws InvalidProtocolBufferException {
    Message message =
        type.instance().getParserForType().parseFrom(bytes, ExtensionRegistry.getEmptyRegistry());
    return new Offered<>(message, new ResourceName(type, type.nameOf(message)).toString(), version);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a length of " + Integer.toUnsignedString(length) + " bytes");
    }
    return in.readNBytes(length);
  }
}
