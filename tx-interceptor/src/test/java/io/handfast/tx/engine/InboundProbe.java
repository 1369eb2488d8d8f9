package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.handfast.tx.interceptor.AnswerHolding;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.InboundExchange;
import io.handfast.tx.interceptor.InboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.StoredAnswer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an inbound listener was told. */
final class InboundProbe implements InboundListener {
  private @Nullable InboundExchange exchange;
  @Nullable List<Field> passed;
  @Nullable List<Field> forwarded;
  @Nullable AnswerHolding holding;
  @Nullable Problem refused;
  @Nullable StoredAnswer replayed;
  @Nullable List<Field> released;
  @Nullable Problem replaced;
  @Nullable String reset;
  boolean headReleased;
  private int answers;

  static StoredAnswer answer(int status, String body) {
    return new StoredAnswer(
        status,
        OutboundProbe.status(status),
        List.of(new Field("content-type", "application/json")),
        ByteString.copyFromUtf8(body),
        List.of(),
        true);
  }

  /** An answer without headers. */
  static StoredAnswer answer(int status, @Nullable ByteString body, boolean takesFields) {
    return new StoredAnswer(
        status, OutboundProbe.status(status), List.of(), body, List.of(), takesFields);
  }

  void exchange(InboundExchange given) {
    exchange = given;
  }

  InboundExchange exchange() {
    return requireNonNull(exchange);
  }

  void answered(int status) {
    exchange().answered(answer(status, "{}"));
  }

  /** The headers that the service was given. */
  TestFields service() {
    return TestFields.of(requireNonNull(forwarded));
  }

  String releasedField(String name) {
    return requireNonNull(TestFields.of(requireNonNull(released)).first(name));
  }

  /** The votes that ride with whatever was answered. */
  @Nullable String voteOrNull() {
    Problem problem = replaced;
    List<Field> fields = problem != null ? problem.headers() : released;
    return fields == null ? null : TestFields.of(fields).first("tx-vote");
  }

  Problem replaced() {
    return requireNonNull(replaced);
  }

  Problem refused() {
    return requireNonNull(refused);
  }

  /** How often anything was said that ends the exchange. */
  int answers() {
    return answers;
  }

  @Override
  public void pass(List<Field> set) {
    passed = set;
    answers++;
  }

  @Override
  public void forward(List<Field> set, AnswerHolding how) {
    forwarded = set;
    holding = how;
  }

  @Override
  public void refuse(Problem problem) {
    refused = problem;
    answers++;
  }

  @Override
  public void replay(StoredAnswer answer) {
    replayed = answer;
    answers++;
  }

  @Override
  public void releaseHead() {
    headReleased = true;
  }

  @Override
  public void release(List<Field> added) {
    released = added;
    answers++;
  }

  @Override
  public void replace(Problem problem) {
    replaced = problem;
    answers++;
  }

  @Override
  public void reset(String reason) {
    reset = reason;
    answers++;
  }
}
