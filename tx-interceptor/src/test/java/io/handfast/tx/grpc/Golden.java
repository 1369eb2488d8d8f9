package io.handfast.tx.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The messages of protocol version 1 as they were on the wire when it was fixed: bytes, and the
 * same for people. They are never changed: who speaks version 1 sends them.
 */
public final class Golden {
  private static final String RESOURCES = "/io/handfast/tx/grpc/golden-v1/";

  private Golden() {}

  /** As it was on the wire. */
  public static ByteString bytes(String name) throws IOException {
    return ByteString.copyFrom(read(name + ".bin"));
  }

  /** What it means. */
  @SuppressWarnings("unchecked")
  public static <M extends Message> M text(String name, M type) throws IOException {
    Message.Builder message = type.newBuilderForType();
    TextFormat.merge(new String(read(name + ".txtpb"), StandardCharsets.UTF_8), message);
    return (M) message.build();
  }

  /** Read from its bytes. */
  @SuppressWarnings("unchecked")
  public static <M extends Message> M parse(String name, M type) throws IOException {
    return (M) type.getParserForType().parseFrom(bytes(name));
  }

  private static byte[] read(String file) throws IOException {
    try (InputStream in = Golden.class.getResourceAsStream(RESOURCES + file)) {
      if (in == null) {
        throw new IOException(RESOURCES + file + ": not there");
      }
      return in.readAllBytes();
    }
  }
}
