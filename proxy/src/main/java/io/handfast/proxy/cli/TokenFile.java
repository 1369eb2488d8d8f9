package io.handfast.proxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The operator's token of a sidecar, from the file that the sidecar names. Whoever answers in its
 * place may name any file: what is no token is never sent.
 */
final class TokenFile {
  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{64}");
  private static final int MAX_BYTES = 66;

  private TokenFile() {}

  /** Reads it. */
  static String read(AdminClient client) throws AdminClient.Failure {
    JsonNode named = client.get("/transaction_token").json().path("operatorTokenFile");
    if (!named.isTextual()) {
      throw new AdminClient.Failure(
          "operator token: this sidecar has made none, see its log (expected:"
              + " operator_token_file, or a store with a directory)");
    }
    Path file = Path.of(named.asText());
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.US_ASCII).strip();
      if (!TOKEN.matcher(text).matches()) {
        throw new AdminClient.Failure(
            "operator token: " + file + " holds none (expected: 64 hexadecimal digits)");
      }
      return text;
    } catch (AccessDeniedException e) {
      throw new AdminClient.Failure(
          "operator token: " + file + " cannot be read (expected: run as the sidecar's user)");
    } catch (NoSuchFileException e) {
      throw new AdminClient.Failure(
          "operator token: "
              + file
              + " is not here (expected: run beside the sidecar, in its container)");
    } catch (IOException e) {
      throw new AdminClient.Failure("operator token: " + file + ": " + e.getMessage());
    }
  }
}
