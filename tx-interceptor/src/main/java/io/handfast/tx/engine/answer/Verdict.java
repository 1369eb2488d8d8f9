package io.handfast.tx.engine.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.engine.base.BranchRecords;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TryFacts;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the service's answer means to its branch.
 *
 * @param detail of what is not success, for people
 */
public record Verdict(TryAnswer answer, String detail) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** 2xx and 3xx are success; a 4xx is a definite no but for a timeout, which may have happened. */
  public static TryAnswer of(int status) {
    if (status < 400) {
      return TryAnswer.SUCCESS;
    }
    return status < 500 && status != 408 ? TryAnswer.REFUSED : TryAnswer.FAILED;
  }

  /**
   * The answer's meaning.
   *
   * @param completion fills the templates that need the answer; says what is missing, if anything
   *     is
   */
  public static Verdict of(
      StoredAnswer answer, BranchAnswers answers, Supplier<@Nullable String> completion) {
    TryAnswer word = of(answer.status());
    if (word != TryAnswer.SUCCESS) {
      return new Verdict(word, "the service answered " + answer.status());
    }
    String missing = completion.get();
    if (missing == null) {
      return new Verdict(word, "");
    }
    // Undone as if unanswered; and the success that the service has told must not be shown.
    answers.caller().answerInstead(Problems.internal(missing));
    return new Verdict(TryAnswer.FAILED, missing);
  }

  /** Fills what needs the answer; null if nothing is missing. */
  public static @Nullable String complete(
      Resource resource, TryFacts facts, BranchRecords records, StoredAnswer answer) {
    TryFacts answered =
        facts.answered(
            new TryFacts.Answer(name -> header(answer.headers(), name), json(answer.body())));
    return switch (resource.answered(answered)) {
      case Resource.Complete it -> {
        records.complete(it.confirm(), it.cancel());
        yield null;
      }
      case Resource.Incomplete it -> it.reason();
    };
  }

  private static @Nullable String header(List<Field> headers, String name) {
    for (Field field : headers) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return null;
  }

  /** The body as JSON; null where it is none, so that a placeholder says what it misses. */
  public static @Nullable JsonNode json(@Nullable ByteString body) {
    if (body == null || body.isEmpty()) {
      return null;
    }
    try {
      JsonNode tree = JSON.readTree(body.newInput());
      return tree.isMissingNode() ? null : tree;
    } catch (JsonProcessingException malformed) {
      return null;
    } catch (IOException impossible) {
      throw new IllegalStateException("reading bytes in memory failed", impossible);
    }
  }
}
