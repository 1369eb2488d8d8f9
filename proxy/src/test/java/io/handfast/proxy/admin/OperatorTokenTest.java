package io.handfast.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What changes transactions is permitted to whoever can read a file of the sidecar's user. */
class OperatorTokenTest {
  private static final String RESOLVE =
      "/transaction_resolve?decision=abort&by=eve&reason=why&id=" + AdminFixture.TX;

  @TempDir private Path directory;
  private AdminFixture admin;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    admin = new AdminFixture();
    file = directory.resolve("operator-token");
    admin.transactionsHere.token = OperatorToken.create(file, new SecureRandom());
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  @Test
  void shouldBeReadableForItsUserAloneAndAnotherAtEachStart() throws Exception {
    // Given
    String first = Files.readString(file);

    // When
    OperatorToken.create(file, new SecureRandom());

    // Then
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(first).matches("[0-9a-f]{64}");
    assertThat(Files.readString(file)).matches("[0-9a-f]{64}").isNotEqualTo(first);
  }

  @Test
  void shouldDecideForWhoKnowsIt() throws Exception {
    // When
    HttpResponse<String> answer = admin.post(RESOLVE, Files.readString(file));

    // Then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("00f067aa0ba902b7");
    assertThat(admin.transactionsHere.calls)
        .containsExactly("resolve " + AdminFixture.TX + " ABORT eve why");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/transaction_resolve?decision=abort&by=eve&reason=why&id=",
        "/transaction_forget?by=eve&reason=why&id="
      })
  void shouldRefuseByNameWhoDoesNot(String path) throws Exception {
    // When
    HttpResponse<String> without = admin.post(path + AdminFixture.TX);
    HttpResponse<String> wrong = admin.post(path + AdminFixture.TX, "0".repeat(64));

    // Then
    assertThat(without.statusCode()).isEqualTo(403);
    assertThat(without.body()).contains("operator token: missing", file.toString());
    assertThat(wrong.statusCode()).isEqualTo(403);
    assertThat(wrong.body()).contains("operator token: wrong");
    assertThat(admin.transactionsHere.calls).isEmpty();
  }

  @Test
  void shouldRefuseEverybodyWhenThereIsNone() throws Exception {
    // Given
    admin.transactionsHere.token = null;

    // When
    HttpResponse<String> answer = admin.post(RESOLVE, "0".repeat(64));

    // Then
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("operator token: none was made");
  }

  @Test
  void shouldRefuseAPageThatKnowsIt() throws Exception {
    // When
    HttpResponse<String> answer;
    try (HttpClient browser = HttpClient.newHttpClient()) {
      answer =
          browser.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + RESOLVE))
                  .header("origin", "http://evil.example")
                  .header(OperatorToken.HEADER, Files.readString(file))
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
    }

    // Then
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(admin.transactionsHere.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/transaction_resolve?decision=maybe&by=eve&reason=why&id=" + AdminFixture.TX,
        "/transaction_resolve?decision=abort&by=eve&id=" + AdminFixture.TX,
        "/transaction_resolve?decision=abort&by=eve&reason=why&id=12",
        "/transaction_forget?reason=why&id=" + AdminFixture.TX
      })
  void shouldAnswer400WhenTheCommandIsNotWhole(String path) throws Exception {
    assertThat(admin.post(path, Files.readString(file)).statusCode()).isEqualTo(400);
    assertThat(admin.transactionsHere.calls).isEmpty();
  }

  @Test
  void shouldNotChangeAnythingByGet() throws Exception {
    assertThat(admin.get(RESOLVE).statusCode()).isEqualTo(405);
  }

  @Test
  void shouldSayWhyWhenTheEngineRefuses() throws Exception {
    // When
    HttpResponse<String> answer =
        admin.post(
            "/transaction_forget?by=ops&reason=why&id=" + "0".repeat(32), Files.readString(file));

    // Then
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("nothing of it is in doubt here");
  }
}
