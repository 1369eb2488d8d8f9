package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;

import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.OutboundExchange;
import io.handfast.tx.interceptor.OutboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an outbound listener was told. */
final class OutboundProbe implements OutboundListener {
  private @Nullable OutboundExchange exchange;
  @Nullable List<Field> passed;
  @Nullable List<Field> forwarded;
  @Nullable Problem refused;
  @Nullable Problem replaced;
  boolean held;
  boolean released;

  /** What an HTTP status means, as the data plane reads it. */
  static Verdict status(int status) {
    TryAnswer answer =
        status < 400
            ? TryAnswer.SUCCESS
            : status < 500 && status != 408 ? TryAnswer.REFUSED : TryAnswer.FAILED;
    return new Verdict(answer, "answered " + status);
  }

  void exchange(OutboundExchange given) {
    exchange = given;
  }

  OutboundExchange exchange() {
    return requireNonNull(exchange);
  }

  /** The headers that the peer is sent. */
  TestFields wire() {
    return TestFields.of(requireNonNull(forwarded));
  }

  Problem refused() {
    return requireNonNull(refused);
  }

  @Override
  public void pass(List<Field> set) {
    passed = set;
  }

  @Override
  public void forward(List<Field> set, boolean holdAnswer) {
    forwarded = set;
    held = holdAnswer;
  }

  @Override
  public void refuse(Problem problem) {
    refused = problem;
  }

  @Override
  public void release() {
    released = true;
  }

  @Override
  public void replace(Problem problem) {
    replaced = problem;
  }
}
