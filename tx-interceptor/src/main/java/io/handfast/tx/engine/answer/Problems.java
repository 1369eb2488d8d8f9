package io.handfast.tx.engine.answer;

import io.handfast.tx.context.OwnHeader;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answers that the engine gives in a service's place. Pure. */
public final class Problems {
  public static final String COMMITTED = "committed";
  public static final String ABORTED = "aborted";
  public static final String UNKNOWN = "unknown";

  private Problems() {}

  public static Problem malformed(String detail) {
    return problem(400, "malformed-context", "Malformed transaction context", detail);
  }

  public static Problem contextMissing(String what) {
    return problem(
        400,
        "context-missing",
        "A transaction is required",
        what
            + ": no transaction is named (expected: the traceparent, tracestate and baggage of the"
            + " request that is being served, passed on)");
  }

  public static Problem ambiguous(String what) {
    return problem(
        400,
        "context-ambiguous",
        "A transaction is required",
        what
            + ": the trace names no transaction, or more than one (expected: tracestate or baggage"
            + " of the request that is being served, passed on)");
  }

  public static Problem notInFlight(BranchKey branch) {
    return branch(
        409,
        "branch-not-in-flight",
        "Branch not in flight",
        "branch " + branch + " is not in flight here: late, ended or forged",
        branch.branch());
  }

  public static Problem branchEnded(BranchKey branch, String why) {
    return branch(409, "branch-ended", "Branch has ended", why, branch.branch());
  }

  public static Problem duplicateWithoutAnswer(BranchKey branch) {
    return branch(
        409,
        "duplicate-call",
        "Duplicate call",
        "branch "
            + branch
            + " has been called before and its answer is not kept (expected: a new call for each"
            + " retry)",
        branch.branch());
  }

  public static Problem upgrade() {
    return problem(
        400,
        "upgrade-in-transaction",
        "No upgrade inside a transaction",
        "request: an upgrade, CONNECT or gRPC-Web inside a transaction (expected: plain HTTP or"
            + " gRPC)");
  }

  public static Problem idempotencyKey() {
    return problem(
        400,
        "idempotency-key",
        "Idempotency-Key is not answered here",
        "idempotency-key: given (expected: none, for answers to repeats are not kept; or"
            + " allow_idempotency_key on the route, which takes the risk)");
  }

  public static Problem noParticipant(String method) {
    return problem(
        409,
        "no-participant",
        "The service takes no part in transactions",
        "method: "
            + method
            + " on a route without a participant (expected: a safe method, or a participant in the"
            + " route's configuration: nobody could undo the call)");
  }

  public static Problem protocol(String token) {
    return problem(
        409,
        "protocol-not-possible",
        "The service cannot take part by this protocol",
        "tx-context c="
            + token
            + ": the store here is shared (expected: two-phase commit, or a journal)");
  }

  public static Problem tryRefused(String reason) {
    return problem(400, "callback-template", "The request lacks what undoing it needs", reason);
  }

  public static Problem unavailable(String why) {
    return new Problem(
        503,
        "not-available",
        "No new transactions",
        why,
        null,
        null,
        List.of(new Field("retry-after", "1")));
  }

  /**
   * A limit is reached.
   *
   * @param detail which, what was met and what is allowed
   */
  public static Problem limit(String detail) {
    return new Problem(
        503,
        "limit-reached",
        "A limit of transactions is reached",
        detail,
        null,
        null,
        List.of(new Field("retry-after", "1")));
  }

  public static Problem deadline(String detail) {
    return problem(504, "deadline", "The transaction's deadline has passed", detail);
  }

  public static Problem conflict(String detail) {
    return problem(409, "branch-aborted", "The branch is aborted", detail);
  }

  public static Problem internal(String detail) {
    return problem(500, "internal", "Internal error", detail);
  }

  public static Problem tooLarge(long limit) {
    return problem(
        502,
        "response-too-large",
        "The response cannot be held",
        "response: more than "
            + limit
            + " bytes (expected: at most max_held_response of the route, for nothing may leave"
            + " before the outcome)");
  }

  public static Problem aborted(@Nullable Blame blame) {
    return new Problem(
        409,
        "transaction-aborted",
        "The transaction was aborted",
        blame == null ? "the transaction was aborted" : blame.reason(),
        blame == null ? null : blame.branch().toString(),
        blame == null || blame.service().isEmpty() ? null : blame.service(),
        List.of());
  }

  public static Problem unknown(String detail) {
    return problem(
        503,
        "outcome-unknown",
        "The outcome is not known",
        detail.isEmpty() ? "the store could not say whether the decision is durable" : detail);
  }

  public static Problem hazard(@Nullable Blame blame) {
    return new Problem(
        500,
        "heuristic-hazard",
        "A branch did not do as decided",
        blame == null ? "a branch did not do as decided" : blame.reason(),
        blame == null ? null : blame.branch().toString(),
        blame == null || blame.service().isEmpty() ? null : blame.service(),
        List.of());
  }

  private static Problem problem(int status, String type, String title, String detail) {
    return new Problem(status, type, title, detail, null, null, List.of());
  }

  private static Problem branch(
      int status, String type, String title, String detail, BranchId branch) {
    return new Problem(status, type, title, detail, branch.toString(), null, List.of());
  }

  /** What a client outside is told beside the answer. */
  public static List<Field> outcome(TxId tx, String outcome) {
    return List.of(
        new Field(OwnHeader.ID.headerName(), tx.toString()),
        new Field(OwnHeader.OUTCOME.headerName(), outcome));
  }

  public static Problem with(Problem problem, List<Field> more) {
    List<Field> headers = new ArrayList<>(problem.headers());
    headers.addAll(more);
    return new Problem(
        problem.status(),
        problem.type(),
        problem.title(),
        problem.detail(),
        problem.branch(),
        problem.service(),
        headers);
  }
}
