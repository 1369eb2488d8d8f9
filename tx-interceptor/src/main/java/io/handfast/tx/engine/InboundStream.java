package io.handfast.tx.engine;

import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.engine.answer.Caller;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.interceptor.InboundExchange;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.port.EngineLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The stream's end of an inbound call: hops to the engine's loop, in order. Thread-safe; its fields
 * are confined to the loop.
 */
final class InboundStream implements InboundExchange {
  private final EngineLoop loop;
  private final Caller caller;
  private @Nullable ParticipantDriver branch;

  InboundStream(EngineLoop loop, Caller caller) {
    this.loop = loop;
    this.caller = caller;
  }

  Caller caller() {
    return caller;
  }

  /** This call opened the branch: what becomes of the request is told to it. */
  void opened(ParticipantDriver opened) {
    branch = opened;
  }

  @Override
  public void answerStarted() {
    tell(ParticipantDriver::answerStarted);
  }

  @Override
  public void answered(StoredAnswer answer) {
    tell(driver -> driver.answered(answer));
  }

  @Override
  public void tooLarge(long limitBytes) {
    tell(driver -> {
      driver.answers().caller().answerInstead(Problems.tooLarge(limitBytes));
      driver.heard(TryAnswer.FAILED, "the response has more than " + limitBytes + " bytes");
    });
  }

  @Override
  public void broken(Problem problem) {
    tell(driver -> {
      driver.answers().caller().answerInstead(problem);
      driver.heard(TryAnswer.LOST, problem.detail());
    });
  }

  @Override
  public void lost(String reason, boolean neverSent) {
    tell(driver -> driver.heard(neverSent ? TryAnswer.NOT_SENT : TryAnswer.LOST, reason));
  }

  @Override
  public void callerGone() {
    loop.execute(() -> {
      if (branch == null) {
        caller.gone();
      } else {
        branch.callerGone();
      }
    });
  }

  private void tell(Consumer<ParticipantDriver> word) {
    loop.execute(() -> {
      if (branch != null) {
        word.accept(branch);
      }
    });
  }
}
