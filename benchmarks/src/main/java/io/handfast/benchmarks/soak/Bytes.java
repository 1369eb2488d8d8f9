package io.handfast.benchmarks.soak;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Bodies that can be told from any other, and gRPC methods whose messages they are. Stateless. */
final class Bytes {

  /** The services that gRPC's requests name: what is before the dot tells routes apart. */
  static final String SERVICE = ".Soak";

  private static final int PERIOD = 251;

  private Bytes() {}

  /** So many bytes, as {@link #isPattern} expects them. */
  static byte[] pattern(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i % PERIOD);
    }
    return bytes;
  }

  /** Whether this is what stands in a pattern from an offset on. */
  static boolean isPattern(byte[] bytes, int count, long offset) {
    for (int i = 0; i < count; i++) {
      if (bytes[i] != (byte) ((offset + i) % PERIOD)) {
        return false;
      }
    }
    return true;
  }

  static MethodDescriptor<byte[], byte[]> method(
      String service, MethodDescriptor.MethodType type, String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(new Raw(), new Raw())
        .setType(type)
        .setFullMethodName(service + SERVICE + "/" + name)
        .build();
  }

  /** A message is its bytes. */
  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Fails if an answer is not the one that was expected, or breaks off. */
  static void check(byte[] expected, byte[] got) throws WrongAnswerException, EOFException {
    if (got.length < expected.length && isPattern(got, got.length, 0)) {
      throw new EOFException("%d bytes (expected: %d)".formatted(got.length, expected.length));
    }
    if (!Arrays.equals(expected, got)) {
      throw new WrongAnswerException(
          "%d other bytes (expected: %d)".formatted(got.length, expected.length));
    }
  }
}
