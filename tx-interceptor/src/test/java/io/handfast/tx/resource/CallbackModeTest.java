package io.handfast.tx.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.JsonFormat;
import io.handfast.transaction.v1.Callback;
import io.handfast.transaction.v1.Completion;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CallbackModeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TX = "0199aabbccdd7eff8123456789abcdef";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/r/{tx.id}/{branch.id} | /r/0199aabbccdd7eff8123456789abcdef/00000000000000ab",
        "{request.path}x | refused",
        "/x/{request.path[0]}/{request.path[1]} | /x/accounts/a%20b",
        "/x/{request.path[7]} | refused",
        "/x?k={request.query.key} | /x?k=1%262",
        "/x/{request.query.none} | refused",
        "/x/{request.header.X-Key} | /x/k%2F1",
        "/x/{request.json/key} | /x/c3",
        "/x/{request.json/lines/1/n} | /x/2",
        "/x/{request.json/lines} | refused",
        "/x/{request.json/null} | refused",
        "/x/{request.json/dots} | refused",
        "/x/{response.json/id} | /x/77",
        "/x/{response.header.location} | /x/%2Fl%2F1",
        "/x/{{{tx.id}}} | /x/{0199aabbccdd7eff8123456789abcdef}",
        "/x/{tx.id | refused",
        "/x/tx.id} | refused",
        "/x/{request.cookie.a} | refused",
      })
  void shouldFillPathWhenPlaceholdersHaveValues(String path, String expected) throws Exception {
    // Given
    String policy =
        """
        {"confirm": {"path": "%s"}, "cancel": {"path": "/c"}}\
        """
            .formatted(path);

    // When
    String filled;
    try {
      filled = compile(policy).confirm(facts()).getPath();
    } catch (TemplateException e) {
      assertThat(e).hasMessageContaining("(expected: ");
      filled = "refused";
    }

    // Then
    assertThat(filled).isEqualTo(expected);
  }

  @Test
  void shouldKeepJsonTypesWhenStringIsOnePlaceholder() throws Exception {
    // Given
    CallbackMode mode =
        compile(
            """
            {"confirm": {"method": "put", "path": "/c", "headers": [{"name": "X-Tx", "value": "t-{tx.id}"}],
              "json": {"amount": "{request.json/amount}", "note": "of {request.json/amount}",
                       "lines": ["{request.json/lines/0}"], "fixed": 7, "text": "\\"{request.json/key}"}},
             "cancel": {"path": "/x"}, "timeout": "2s", "confirm_already_done": [409]}\
            """);

    // When
    Completion confirm = mode.confirm(facts());

    // Then
    JsonNode body = JSON.readTree(confirm.getBody().toByteArray());
    assertThat(body.get("amount").isInt()).isTrue();
    assertThat(body.get("note").textValue()).isEqualTo("of 12");
    assertThat(body.get("lines").get(0).get("n").intValue()).isEqualTo(1);
    assertThat(body.get("text").textValue()).isEqualTo("\"c3");
    assertThat(body.get("fixed").intValue()).isEqualTo(7);
    assertThat(confirm.getMethod()).isEqualTo("PUT");
    assertThat(confirm.getTimeoutMs()).isEqualTo(2000);
    assertThat(confirm.getAlreadyDoneList()).containsExactly(409);
    assertThat(confirm.getHeadersList())
        .anySatisfy(field -> assertThat(field.getValue()).isEqualTo("t-" + TX));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"cancel\": {\"path\": \"/x\"}} | confirm: missing",
        "{\"confirm\": {\"path\": \"/x\"}} | cancel: missing",
        "{\"confirm\": {\"path\": \"x\"}, \"cancel\": {\"path\": \"/x\"}} | confirm.path: 'x'",
        "{\"confirm\": {\"method\": \"BREW\", \"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}} |"
            + " confirm.method: BREW",
        "{\"confirm\": {\"path\": \"/x\", \"headers\": [{\"name\": \"Host\", \"value\": \"a\"}]},"
            + " \"cancel\": {\"path\": \"/x\"}} | confirm.headers: 'Host'",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/{response.json/id}\"}} |"
            + " cancel: uses fields of the response",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}, \"cancel_unanswered\":"
            + " {\"path\": \"/{response.json/id}\"}} | cancel_unanswered: uses fields",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}, \"cancel_unanswered\":"
            + " {\"path\": \"/y\"}} | cancel_unanswered: given where neither",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"},"
            + " \"confirm_already_done\": [500]} | confirm_already_done: 500",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}, \"prepare\": {\"path\":"
            + " \"x\"}} | prepare.path: 'x'",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"},"
            + " \"prepare_read_only\": [204]} | prepare_read_only: given without prepare",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}, \"prepare\": {\"path\":"
            + " \"/p\"}, \"prepare_read_only\": [409]} | prepare_read_only: 409",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}, \"timeout\": \"0s\"} |"
            + " timeout: 0s (expected: 1 ms to 1 h",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}, \"timeout\": \"-0.5s\"} |"
            + " timeout: -0.500s (expected: 1 ms to 1 h",
        "{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}, \"timeout\": \"3601s\"} |"
            + " timeout: 3601s (expected: 1 ms to 1 h",
      })
  void shouldNameTheFieldWhenPolicyIsWrong(String policy, String message) {
    assertThatThrownBy(() -> compile(policy))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith(message)
        .hasMessageContaining("(expected: ");
  }

  @Test
  void shouldRefuseATimeoutThatIsNoDuration() {
    // Given
    Callback.Builder policy = Callback.newBuilder();
    policy.getConfirmBuilder().setPath("/x");
    policy.getCancelBuilder().setPath("/x");
    policy.getTimeoutBuilder().setNanos(2_000_000_000);

    // When, Then
    assertThatThrownBy(() -> CallbackMode.compile(policy.build()))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("timeout: ");
  }

  @Test
  void shouldKnowWhatHasToBeReadWhenTemplatesNameIt() throws Exception {
    // Given
    CallbackMode plain =
        compile("{\"confirm\": {\"path\": \"/x\"}, \"cancel\": {\"path\": \"/x\"}}");
    CallbackMode answer =
        compile(
            """
            {"confirm": {"path": "/{response.json/id}"}, "cancel": {"path": "/{response.json/id}"},
             "cancel_unanswered": {"path": "/by-key/{request.json/key}"}}\
            """);

    // Then
    assertThat(plain.needsAnswer()).isFalse();
    assertThat(plain.needsRequestBody()).isFalse();
    assertThat(answer.needsAnswer()).isTrue();
    assertThat(answer.needsRequestBody()).isTrue();
    Completion unanswered = answer.cancelUnanswered(facts());
    assertThat(unanswered).isNotNull();
    assertThat(unanswered.getPath()).isEqualTo("/by-key/c3");
  }

  @Test
  void shouldHaveNoUnansweredCancelWhenThePolicyTakesTheRisk() throws Exception {
    CallbackMode risky =
        compile(
            """
            {"confirm": {"path": "/x"}, "cancel": {"path": "/{response.json/id}"},
             "accept_unanswered_loss": true}\
            """);
    assertThat(risky.cancelUnanswered(facts())).isNull();
  }

  @Test
  void shouldRefuseARiskTakenByNameWhenThereIsNone() {
    // When, Then
    assertThatThrownBy(() ->
            compile(
                """
                {"confirm": {"path": "/{response.json/id}"}, "cancel": {"path": "/x"},
                 "accept_unanswered_loss": true}\
                """))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("accept_unanswered_loss: true where cancel uses no field")
        .hasMessageContaining("expected: ");
    assertThatThrownBy(() ->
            compile(
                """
                {"confirm": {"path": "/x"}, "cancel": {"path": "/{response.json/id}"},
                 "cancel_unanswered": {"path": "/y"}, "accept_unanswered_loss": true}\
                """))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("accept_unanswered_loss: true where cancel_unanswered undoes");
  }

  @Test
  void shouldRefuseHeaderValueWhenItHasControlCharacters() throws Exception {
    CallbackMode mode =
        compile(
            """
            {"confirm": {"path": "/x", "headers": [{"name": "x-a", "value": "{request.json/crlf}"}]},
             "cancel": {"path": "/x"}}\
            """);
    assertThatThrownBy(() -> mode.confirm(facts()))
        .hasMessageContaining("x-a: a value with control");
  }

  @ParameterizedTest(name = "T21 {0}: confirm {1}, cancel {2}")
  @CsvSource({
    "200,DONE,DONE", "204,DONE,DONE", "302,RETRY,RETRY", "400,REFUSED,REFUSED",
    "401,RETRY,RETRY", "403,RETRY,RETRY", "404,REFUSED,DONE", "408,RETRY,RETRY",
    "409,DONE,REFUSED", "410,REFUSED,DONE", "421,RETRY,RETRY", "423,RETRY,RETRY",
    "425,RETRY,RETRY", "429,RETRY,RETRY", "500,RETRY,RETRY", "503,RETRY,RETRY",
  })
  void T21_shouldJudgeCompletionWhenServiceAnswers(
      int status, CompletionVerdict confirm, CompletionVerdict cancel) {
    assertThat(CompletionVerdict.ofConfirm(status, java.util.List.of(409))).isEqualTo(confirm);
    assertThat(CompletionVerdict.ofCancel(status)).isEqualTo(cancel);
  }

  private static CallbackMode compile(String json) throws Exception {
    Callback.Builder policy = Callback.newBuilder();
    JsonFormat.parser().merge(json, policy);
    return CallbackMode.compile(policy.build());
  }

  private static TryFacts facts() throws Exception {
    Map<String, String> headers = Map.of("x-key", "k/1");
    JsonNode json =
        JSON.readTree(
            """
            {"key": "c3", "amount": 12, "lines": [{"n": 1}, {"n": 2}], "null": null, "dots": "..",
             "crlf": "a\\r\\nb"}\
            """);
    return new TryFacts(
            TX, "00000000000000ab", "/accounts/a%20b", "key=1%262&z", headers::get, json, null)
        .answered(
            new TryFacts.Answer(Map.of("location", "/l/1")::get, JSON.readTree("{\"id\": 77}")));
  }
}
