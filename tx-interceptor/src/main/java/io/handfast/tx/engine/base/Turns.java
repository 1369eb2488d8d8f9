package io.handfast.tx.engine.base;

import java.util.ArrayDeque;

/**
 * Lets so many questions to one peer, or requests to the local service, be unanswered at a time;
 * the others wait, first come, first served. So a restart with thousands of branches in doubt asks
 * for them side by side, with a bound, in the order in which they were taken up. Confined to the
 * engine's loop.
 */
public final class Turns {

  /** Asks; {@code done} is run once, when it is answered or will not be. */
  public interface Question {
    void ask(Runnable done);
  }

  private final int atOnce;
  private final ArrayDeque<Question> waiting = new ArrayDeque<>();
  private int asked;

  public Turns(int atOnce) {
    this.atOnce = atOnce;
  }

  /** Asks now, or when it is its turn. */
  public void ask(Question question) {
    if (asked < atOnce) {
      start(question);
    } else {
      waiting.addLast(question);
    }
  }

  private void start(Question question) {
    asked++;
    Turn turn = new Turn();
    try {
      question.ask(turn);
    } catch (RuntimeException | Error e) {
      turn.run(); // a turn that is lost is lost for all
      throw e;
    }
  }

  /** Given back once, whoever does it. */
  private final class Turn implements Runnable {
    private boolean over;

    @Override
    public void run() {
      if (!over) {
        over = true;
        done();
      }
    }
  }

  private void done() {
    asked--;
    while (asked < atOnce && !waiting.isEmpty()) {
      start(waiting.removeFirst());
    }
  }

  boolean isIdle() {
    return asked == 0 && waiting.isEmpty();
  }
}
