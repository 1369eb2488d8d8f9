package io.handfast.proxy.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What whoever changes transactions has to know: 256 random bits in a file that only the user of
 * this process can read. The application beside the sidecar reaches its administration server too,
 * and so do web pages in a browser of this host; neither reads the file. Drawn anew at each start.
 * Immutable.
 */
public final class OperatorToken {

  /** The header in which it is sent. */
  public static final String HEADER = "handfast-operator-token";

  private static final int BYTES = 32;

  private final Path file;
  private final byte[] value;

  private OperatorToken(Path file, byte[] value) {
    this.file = file;
    this.value = value;
  }

  /**
   * Draws one and writes it, in the place of a former life's. Blocks.
   *
   * @param random a secure source
   * @throws IOException if the file cannot be written; the message names it
   */
  public static OperatorToken create(Path file, RandomGenerator random) throws IOException {
    byte[] drawn = new byte[BYTES];
    random.nextBytes(drawn);
    byte[] text = HexFormat.of().formatHex(drawn).getBytes(US_ASCII);
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    // With its mode from the first moment on: nobody else opens it before it has it.
    try (var channel =
        Files.newByteChannel(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(ByteBuffer.wrap(text));
    }
    try {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return new OperatorToken(file.toAbsolutePath(), text);
  }

  /** Where it is. */
  public Path file() {
    return file;
  }

  /** Whether somebody knows it; takes as long for any text of its length. */
  boolean matches(@Nullable String sent) {
    return sent != null && MessageDigest.isEqual(value, sent.strip().getBytes(US_ASCII));
  }
}
