package io.handfast.k8s.controlplane.snapshot;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;

/**
 * Versions that are hashes of what they stand for, so that a control plane that has been restarted,
 * and every replica, calls the same thing by the same version. Pure functions.
 */
public final class Versions {

  /**
   * Of SHA-256: with 64 bits, a million versions of a resource collide once in 37 million times.
   */
  private static final int BYTES = 8;

  private Versions() {}

  static String of(ByteString content) {
    MessageDigest digest = digest();
    content.asReadOnlyByteBufferList().forEach(digest::update);
    return end(digest);
  }

  /** Of several resources, in their order. */
  public static String of(Collection<Served> resources) {
    MessageDigest digest = digest();
    for (Served each : resources) {
      byte[] name = each.name().getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, name.length));
      digest.update(name);
      digest.update(each.version().getBytes(StandardCharsets.US_ASCII));
    }
    return end(digest);
  }

  private static String end(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
