package io.handfast.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.handfast.tx.operator.TransactionList;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who reads keeps neither the engine nor an operator who decides. */
class TransactionTurnsTest {
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
  void shouldLetAnOperatorDecideHoweverManyListsAreAwaited() throws Exception {
    // Given: no list is answered, and no more may wait
    CompletableFuture<TransactionList> held = new CompletableFuture<>();
    admin.transactionsHere.lists = () -> held;
    List<CompletableFuture<HttpResponse<String>>> readers = new ArrayList<>();
    for (int i = 0; i < 18; i++) {
      readers.add(admin.getLater("/transactions"));
    }
    await().until(() -> readers.stream().anyMatch(CompletableFuture::isDone));

    // When
    HttpResponse<String> refused = admin.get("/transactions");
    HttpResponse<String> token = admin.get("/transaction_token");
    HttpResponse<String> shown = admin.get("/transactions/" + AdminFixture.TX);
    HttpResponse<String> decided =
        admin.post(
            "/transaction_resolve?decision=abort&by=eve&reason=why&id=" + AdminFixture.TX,
            Files.readString(file));

    // Then
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("16 questions wait for their answer");
    assertThat(new ObjectMapper().readTree(token.body()).path("operatorTokenFile").asText())
        .isEqualTo(file.toString());
    assertThat(shown.statusCode()).isEqualTo(200);
    assertThat(decided.statusCode()).isEqualTo(200);
    held.complete(AdminFixture.FakeQueries.of(List.of()));
    for (CompletableFuture<HttpResponse<String>> reader : readers) {
      assertThat(reader.get(10, TimeUnit.SECONDS).statusCode()).isIn(200, 503);
    }
  }

  /** What is to be done by another thread than that which completes it. */
  private static final class Answer extends CompletableFuture<TransactionList> {
    final Queue<Runnable> elsewhere = new ConcurrentLinkedQueue<>();

    @Override
    public Executor defaultExecutor() {
      return elsewhere::add;
    }
  }

  @Test
  void shouldPrintNothingOnTheEnginesLoop() throws Exception {
    // Given
    Answer answer = new Answer();
    CompletableFuture<Boolean> asked = new CompletableFuture<>();
    admin.transactionsHere.lists =
        () -> {
          asked.complete(true);
          return answer;
        };
    CompletableFuture<HttpResponse<String>> first = admin.getLater("/transactions");
    CompletableFuture<HttpResponse<String>> second = admin.getLater("/transactions?limit=1");
    asked.get(10, TimeUnit.SECONDS);

    // When: the engine has answered
    answer.complete(AdminFixture.FakeQueries.of(List.of(AdminFixture.FakeQueries.SUMMARY)));

    // Then: it is printed elsewhere, one after the other
    await().until(() -> !answer.elsewhere.isEmpty());
    assertThat(answer.elsewhere).hasSize(1);
    assertThat(admin.transactionsHere.filters).hasSize(1);
    answer.elsewhere.remove().run();
    await().until(() -> !answer.elsewhere.isEmpty());
    answer.elsewhere.remove().run();
    assertThat(first.get(10, TimeUnit.SECONDS).body()).contains(AdminFixture.TX);
    assertThat(second.get(10, TimeUnit.SECONDS).body()).contains(AdminFixture.TX);
  }
}
