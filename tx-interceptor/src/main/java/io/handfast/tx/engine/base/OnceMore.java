package io.handfast.tx.engine.base;

import java.util.function.Consumer;

/**
 * The Try that a sidecar sent itself, of a branch that another has taken over meanwhile (T19). That
 * one may have undone the branch before the Try arrived: so when the branch has ended, and was
 * undone, it is undone once more. Until then, and where it ended otherwise, nothing is done.
 *
 * <p>Confined to the engine's loop.
 */
public final class OnceMore {

  /** What became of the branch. */
  public enum Fate {
    /** Who took it over is at it, or the store did not say. */
    OPEN,
    /** It was undone by who took it over. */
    UNDONE,
    /** It was confirmed, or is a hazard; or this is not known any more. */
    OTHERWISE
  }

  /** How it is done. */
  public interface Means {
    /** Asks the store. */
    void fate(Consumer<Fate> reply);

    /**
     * Has the service cancel.
     *
     * @param over told whether that is over, done or refused for good
     */
    void cancel(int attempt, Consumer<Boolean> over);

    /** Lets a pause pass that grows with the attempts. */
    void later(int attempt, Runnable again);

    /** It is over: nothing is left to be undone, or the service refuses it for good. */
    void over();
  }

  private final Means means;

  public OnceMore(Means means) {
    this.means = means;
  }

  /** When the Try is over: it was answered, or its timeout has passed. */
  public void begin() {
    ask(1);
  }

  private void ask(int attempt) {
    means.fate(fate -> {
      switch (fate) {
        case OPEN -> means.later(attempt, () -> ask(attempt + 1));
        case UNDONE -> cancel(1);
        case OTHERWISE -> means.over();
      }
    });
  }

  private void cancel(int attempt) {
    means.cancel(
        attempt,
        over -> {
          if (over) {
            means.over();
          } else {
            means.later(attempt, () -> cancel(attempt + 1));
          }
        });
  }
}
