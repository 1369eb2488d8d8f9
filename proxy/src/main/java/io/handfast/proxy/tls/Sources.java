package io.handfast.proxy.tls;

import io.handfast.proxy.config.tls.TlsSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads what a certificate or key comes from. Blocks on the disk; stateless. */
final class Sources {
  /** A bundle of every authority of the web has 230 KiB. */
  static final int MAX_BYTES = 1 << 20;

  private Sources() {}

  static String read(TlsSource source) throws TlsMaterialException {
    return switch (source) {
      case TlsSource.Inline inline -> inline.content();
      case TlsSource.File file -> read(file.path());
      case TlsSource.Secret _ ->
          throw new TlsMaterialException(
              source.title() + ": not there", "a control plane that sends it");
      case TlsSource.Variable variable -> {
        String value = System.getenv(variable.name());
        if (value == null) {
          throw new TlsMaterialException(source.title() + ": not set", "PEM in it");
        }
        yield value;
      }
    };
  }

  private static String read(Path path) throws TlsMaterialException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new TlsMaterialException(
            path + ": more than " + MAX_BYTES + " bytes", "a file of certificates or a key");
      }
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new TlsMaterialException(path + ": no such file", "a file that is there");
    } catch (AccessDeniedException e) {
      throw new TlsMaterialException(
          path + ": permission denied", "a file that this process may read");
    } catch (IOException e) {
      throw new TlsMaterialException(
          path + ": cannot be read: " + e.getMessage(), "a file that this process may read");
    }
  }
}
