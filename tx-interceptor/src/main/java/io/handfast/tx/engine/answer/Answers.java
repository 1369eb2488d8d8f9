package io.handfast.tx.engine.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.engine.base.BranchRecords;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.interceptor.Verdict;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TryFacts;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the engine reads out of the service's answer. Pure but for what it completes. */
public final class Answers {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Answers() {}

  /**
   * What the answer means to its branch.
   *
   * @param completion fills the templates that need the answer; says what is wrong, if anything is
   */
  public static Verdict verdict(
      StoredAnswer answer, BranchAnswers answers, Supplier<@Nullable Problem> completion) {
    Verdict given = answer.verdict();
    if (!given.isSuccess()) {
      return new Verdict(given.answer(), "the service " + given.detail());
    }
    Problem wrong = completion.get();
    if (wrong == null) {
      return given;
    }
    // Undone as if unanswered; and the success that the service has told must not be shown.
    answers.caller().answerInstead(wrong);
    return new Verdict(TryAnswer.FAILED, wrong.detail());
  }

  /** Fills what needs the answer; null if nothing is missing. */
  public static @Nullable String complete(
      Resource resource, TryFacts facts, BranchRecords records, StoredAnswer answer) {
    TryFacts answered =
        facts.answered(new TryFacts.Answer(name -> field(answer, name), json(answer.body())));
    return switch (resource.answered(answered)) {
      case Resource.Complete it -> {
        records.complete(it.confirm(), it.cancel(), it.prepare());
        yield null;
      }
      case Resource.Incomplete it -> it.reason();
    };
  }

  /** Of the head; of the trailers if it is not there. */
  private static @Nullable String field(StoredAnswer answer, String name) {
    String value = field(answer.headers(), name);
    return value == null ? field(answer.trailers(), name) : value;
  }

  private static @Nullable String field(List<Field> fields, String name) {
    for (Field field : fields) {
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
