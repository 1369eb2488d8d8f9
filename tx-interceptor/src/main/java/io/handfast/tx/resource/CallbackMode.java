package io.handfast.tx.resource;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.handfast.transaction.v1.Begun;
import io.handfast.transaction.v1.Callback;
import io.handfast.transaction.v1.CallbackRequest;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.Replicas;
import org.jspecify.annotations.Nullable;

/**
 * The {@code callback} mode of one route, compiled: the request itself is the Try, a second request
 * confirms or cancels it.
 *
 * <p>Immutable and thread-safe. Source: {@code docs/PROTOCOL.md}, participation modes.
 */
public final class CallbackMode {
  private static final Duration DEFAULT_TIMEOUT = Durations.fromSeconds(5);
  private static final Duration MIN_TIMEOUT = Durations.fromMillis(1);

  /** As of a transaction: a completion holds one of few turns until it is answered. */
  private static final Duration MAX_TIMEOUT = Durations.fromHours(1);

  private final CallbackTemplate confirm;
  private final CallbackTemplate cancel;
  private final @Nullable CallbackTemplate cancelUnanswered;
  private final @Nullable CallbackTemplate prepare;
  private final Callback policy;
  private final long timeoutMs;

  private CallbackMode(
      Callback policy,
      CallbackTemplate confirm,
      CallbackTemplate cancel,
      @Nullable CallbackTemplate cancelUnanswered,
      @Nullable CallbackTemplate prepare) {
    this.policy = policy;
    this.confirm = confirm;
    this.cancel = cancel;
    this.cancelUnanswered = cancelUnanswered;
    this.prepare = prepare;
    this.timeoutMs =
        Durations.toMillis(policy.hasTimeout() ? policy.getTimeout() : DEFAULT_TIMEOUT);
  }

  /**
   * Compiles a route's policy.
   *
   * @throws TemplateException with the field's name in front: the policy is refused as a whole
   */
  public static CallbackMode compile(Callback policy) throws TemplateException {
    CallbackTemplate confirm = compile("confirm", policy.hasConfirm(), policy.getConfirm());
    CallbackTemplate cancel = compile("cancel", policy.hasCancel(), policy.getCancel());
    CallbackTemplate unanswered =
        policy.hasCancelUnanswered()
            ? compile("cancel_unanswered", true, policy.getCancelUnanswered())
            : null;
    CallbackTemplate prepare =
        policy.hasPrepare() ? compile("prepare", true, policy.getPrepare()) : null;
    checkPrepare(policy);
    if (unanswered != null && unanswered.needsAnswer()) {
      throw new TemplateException(
          "cancel_unanswered: uses fields of the response (expected: fields of the request only,"
              + " for there was no answer)");
    }
    if (unanswered != null && !confirm.needsAnswer() && !cancel.needsAnswer()) {
      throw new TemplateException(
          "cancel_unanswered: given where neither confirm nor cancel uses fields of the response"
              + " (expected: cancel alone, which undoes a Try whose answer was lost as well)");
    }
    if (cancel.needsAnswer() && unanswered == null && !policy.getAcceptUnansweredLoss()) {
      throw new TemplateException(
          "cancel: uses fields of the response (expected: cancel_unanswered beside it, which undoes"
              + " a Try whose answer was lost, or accept_unanswered_loss: true to take that risk)");
    }
    if (policy.getAcceptUnansweredLoss() && (unanswered != null || !cancel.needsAnswer())) {
      throw new TemplateException(
          "accept_unanswered_loss: true where %s (expected: not given, for there is no loss to accept)"
              .formatted(
                  unanswered != null
                      ? "cancel_unanswered undoes a Try whose answer was lost"
                      : "cancel uses no field of the response and undoes such a Try as well"));
    }
    checkTimeout(policy);
    for (int status : policy.getConfirmAlreadyDoneList()) {
      if (status < 400 || status > 499) {
        throw new TemplateException(
            "confirm_already_done: %d (expected: a status from 400 to 499)".formatted(status));
      }
    }
    return new CallbackMode(policy, confirm, cancel, unanswered, prepare);
  }

  private static void checkTimeout(Callback policy) throws TemplateException {
    if (!policy.hasTimeout()) {
      return;
    }
    Duration timeout = policy.getTimeout();
    boolean valid = Durations.isValid(timeout);
    if (!valid
        || Durations.compare(timeout, MIN_TIMEOUT) < 0
        || Durations.compare(timeout, MAX_TIMEOUT) > 0) {
      throw new TemplateException(
          "timeout: %s (expected: 1 ms to 1 h, which one confirm, cancel or prepare may take)"
              .formatted(valid ? Durations.toString(timeout) : "no duration"));
    }
  }

  private static void checkPrepare(Callback policy) throws TemplateException {
    if (!policy.hasPrepare() && policy.getPrepareReadOnlyCount() > 0) {
      throw new TemplateException(
          "prepare_read_only: given without prepare (expected: statuses of prepare's answer)");
    }
    for (int status : policy.getPrepareReadOnlyList()) {
      if (status < 200 || status > 299) {
        throw new TemplateException(
            "prepare_read_only: %d (expected: a status from 200 to 299)".formatted(status));
      }
    }
  }

  private static CallbackTemplate compile(String field, boolean given, CallbackRequest request)
      throws TemplateException {
    if (!given) {
      throw new TemplateException(
          field + ": missing (expected: the request that the service offers for it)");
    }
    try {
      return CallbackTemplate.compile(request);
    } catch (TemplateException e) {
      throw new TemplateException(field + "." + e.getMessage());
    }
  }

  /** Whether the request's JSON body has to be held and read before the service may see it. */
  public boolean needsRequestBody() {
    return confirm.needsRequestBody()
        || cancel.needsRequestBody()
        || (cancelUnanswered != null && cancelUnanswered.needsRequestBody())
        || (prepare != null && prepare.needsRequestBody());
  }

  /** Whether the service is asked to prepare before the branch may promise anything. */
  public boolean prepares() {
    return prepare != null;
  }

  /** Milliseconds that the service may take to prepare; 0 where it is not asked. */
  public long prepareTimeoutMs() {
    return prepares() ? timeoutMs : 0;
  }

  /** Whether the completions are known only with the answer: a second record has to be forced. */
  public boolean needsAnswer() {
    return confirm.needsAnswer()
        || cancel.needsAnswer()
        || (prepare != null && prepare.needsAnswer());
  }

  /** Whether BEGUN is forced while the service works instead of before. */
  public boolean overlapped() {
    return policy.getBegun() == Begun.OVERLAPPED;
  }

  /** Whether any replica of the service may confirm or cancel. */
  public boolean equivalentReplicas() {
    return policy.getReplicas() == Replicas.EQUIVALENT;
  }

  /**
   * The request that makes this Try final; {@code facts} have an answer if {@link #needsAnswer}.
   */
  public Completion confirm(TryFacts facts) throws TemplateException {
    return confirm
        .fill(facts)
        .setTimeoutMs(timeoutMs)
        .addAllAlreadyDone(policy.getConfirmAlreadyDoneList())
        .build();
  }

  /** The request that asks the service to prepare; null where it need not be asked. */
  public @Nullable Completion prepare(TryFacts facts) throws TemplateException {
    return prepare == null
        ? null
        : prepare
            .fill(facts)
            .setTimeoutMs(timeoutMs)
            .addAllReadOnly(policy.getPrepareReadOnlyList())
            .build();
  }

  /** The request that takes an answered Try back. */
  public Completion cancel(TryFacts facts) throws TemplateException {
    return cancel.fill(facts).setTimeoutMs(timeoutMs).build();
  }

  /**
   * The request that takes a Try back whose answer was lost, or null where the policy takes the
   * risk that there is none.
   */
  public @Nullable Completion cancelUnanswered(TryFacts facts) throws TemplateException {
    CallbackTemplate template =
        cancelUnanswered != null ? cancelUnanswered : cancel.needsAnswer() ? null : cancel;
    return template == null ? null : template.fill(facts).setTimeoutMs(timeoutMs).build();
  }
}
