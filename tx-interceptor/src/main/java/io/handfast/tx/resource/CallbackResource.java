package io.handfast.tx.resource;

/** {@link CallbackMode} as the engine drives it. Immutable. */
public final class CallbackResource implements Resource {

  /** The mode's name in votes and records. */
  public static final String MODE = "callback";

  private final CallbackMode mode;

  public CallbackResource(CallbackMode mode) {
    this.mode = mode;
  }

  @Override
  public String mode() {
    return MODE;
  }

  @Override
  public boolean needsRequestBody() {
    return mode.needsRequestBody();
  }

  @Override
  public boolean needsAnswer() {
    return mode.needsAnswer();
  }

  @Override
  public boolean prepares() {
    return mode.prepares();
  }

  @Override
  public long prepareTimeoutMs() {
    return mode.prepareTimeoutMs();
  }

  @Override
  public boolean overlapped() {
    return mode.overlapped();
  }

  @Override
  public boolean equivalentReplicas() {
    return mode.equivalentReplicas();
  }

  @Override
  public Begin begin(TryFacts facts) {
    try {
      return mode.needsAnswer()
          ? new Began(null, mode.cancelUnanswered(facts), null, false)
          : new Began(mode.confirm(facts), mode.cancel(facts), mode.prepare(facts), true);
    } catch (TemplateException e) {
      return new NotBegun(reason(e));
    }
  }

  @Override
  public Answered answered(TryFacts facts) {
    try {
      return new Complete(mode.confirm(facts), mode.cancel(facts), mode.prepare(facts));
    } catch (TemplateException e) {
      return new Incomplete(reason(e));
    }
  }

  private static String reason(TemplateException e) {
    String message = e.getMessage();
    return message == null ? "callback template: no value" : message;
  }
}
