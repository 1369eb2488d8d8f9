package io.handfast.tx.engine.answer;

import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.interceptor.AnswerHolding;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.InboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.StoredAnswer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for the answer of a branch: the caller, and duplicates of its call, who get the same
 * (the guards). Confined to the engine's loop.
 */
public final class BranchAnswers {
  private final BranchKey key;
  private final Caller caller;
  private final List<Field> towardsService;
  private final AnswerHolding holding;
  private final List<Caller> duplicates = new ArrayList<>();
  private @Nullable StoredAnswer answer;
  private Remembered.@Nullable Replay replay;
  private boolean released;

  public BranchAnswers(Caller caller, Opening opening) {
    this(opening.key(), caller, opening.towardsService(), opening.holding());
  }

  private BranchAnswers(
      BranchKey key, Caller caller, List<Field> towardsService, AnswerHolding holding) {
    this.key = key;
    this.caller = caller;
    this.towardsService = towardsService;
    this.holding = holding;
  }

  /** After a restart nobody waits, and nobody has an answer to wait for: a duplicate is refused. */
  public static BranchAnswers none(BranchKey key) {
    Caller nobody = new Caller(Runnable::run, Nobody.INSTANCE);
    nobody.gone();
    BranchAnswers none =
        new BranchAnswers(key, nobody, List.of(), new AnswerHolding(0, false, false));
    none.released = true;
    return none;
  }

  public Caller caller() {
    return caller;
  }

  public void forward() {
    caller.forward(towardsService, holding);
  }

  public void keep(StoredAnswer given) {
    answer = given;
  }

  /** Whether headers can be added to what is released. */
  public boolean takesFields() {
    return answer == null || answer.takesFields();
  }

  /** The service's answer goes to the caller, and the same to duplicates. */
  public void release(List<Field> added) {
    caller.release(added);
    released = true;
    StoredAnswer given = answer;
    if (given != null && given.body() != null && caller.instead() == null) {
      replay = new Remembered.Replay(given, added);
    }
    settleDuplicates(null);
  }

  /** The votes were not ready when the answer went; a duplicate gets them with it. */
  public void addToReplay(List<Field> added) {
    if (replay != null) {
      replay = new Remembered.Replay(replay.answer(), added);
    }
  }

  public void fail(Problem problem) {
    caller.fail(problem);
    replay = null;
    released = true;
    settleDuplicates(problem);
  }

  public void reset(String reason) {
    caller.reset(reason);
    released = true;
    settleDuplicates(Problems.conflict(reason));
  }

  public Remembered.@Nullable Replay replay() {
    return replay;
  }

  /** A call that came again. */
  public void join(Caller duplicate) {
    if (released) {
      settle(duplicate, null);
    } else if (duplicates.size() >= Bounds.MAX_DUPLICATES) {
      duplicate.fail(Problems.duplicateWithoutAnswer(key));
    } else {
      duplicates.add(duplicate);
    }
  }

  private void settleDuplicates(@Nullable Problem problem) {
    duplicates.forEach(duplicate -> settle(duplicate, problem));
    duplicates.clear();
  }

  private void settle(Caller duplicate, @Nullable Problem problem) {
    if (problem != null) {
      duplicate.fail(problem);
    } else if (replay != null) {
      duplicate.replay(replay);
    } else {
      duplicate.fail(Problems.duplicateWithoutAnswer(key));
    }
  }

  /** Nobody. */
  private enum Nobody implements InboundListener {
    INSTANCE;

    @Override
    public void pass(List<Field> set) {}

    @Override
    public void forward(List<Field> set, AnswerHolding answerHolding) {}

    @Override
    public void refuse(Problem problem) {}

    @Override
    public void replay(StoredAnswer stored) {}

    @Override
    public void releaseHead() {}

    @Override
    public void release(List<Field> added) {}

    @Override
    public void replace(Problem problem) {}

    @Override
    public void reset(String reason) {}
  }
}
