package io.handfast.proxy.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.handfast.proxy.admin.AdminEndpoint.Parameter;
import io.handfast.tx.operator.TransactionCommands.Decision;
import io.handfast.tx.operator.TransactionCommands.Ground;
import io.handfast.tx.operator.TransactionCommands.Result;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionList;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /transactions} and {@code /transactions/ID}: the records of {@code
 * io.handfast.tx.operator} as JSON, member by member; their documentation is the documentation of
 * the fields. Names stay, new ones may join. {@code /transaction_resolve} and {@code
 * /transaction_forget} change something, and need the operator's token, whose place {@code
 * /transaction_token} tells; none of the three waits for those who read.
 */
final class TransactionEndpoints {

  private static final Logger LOG = LoggerFactory.getLogger(TransactionEndpoints.class);
  private static final Pattern TX_ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}");
  private static final Pattern LIMIT = Pattern.compile("[0-9]{1,9}");
  private static final String DETAIL_PATH = "/transactions/";
  private static final Parameter ID = new Parameter("id", "tx-id: 32 hexadecimal digits");
  private static final Parameter BY = new Parameter("by", "Who asks; recorded");
  private static final Parameter REASON = new Parameter("reason", "Why; recorded");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Questions that may wait for the one before: that many people and programs may look. */
  private static final int MAX_WAITING = 16;

  private final TransactionAdmin transactions;
  private final Turnstile lists = new Turnstile(MAX_WAITING);

  /**
   * Its own: whoever wants to decide looks at one transaction, however many lists are asked for.
   */
  private final Turnstile details = new Turnstile(MAX_WAITING);

  private final Rarely refusals = new Rarely();

  private TransactionEndpoints(TransactionAdmin transactions) {
    this.transactions = transactions;
  }

  static List<AdminEndpoint> all(TransactionAdmin transactions) {
    TransactionEndpoints endpoints = new TransactionEndpoints(transactions);
    return List.of(
        new AdminEndpoint(
            "/transactions",
            false,
            "transactions in flight, in doubt and ended lately, as JSON",
            List.of(
                new Parameter("state", "Only active, in-doubt, kept, ended or another state"),
                new Parameter("older_than_ms", "Only those known for at least that long"),
                new Parameter("limit", "At most so many of each list; default 500")),
            request -> endpoints.started(() -> endpoints.list(request))),
        new AdminEndpoint(
            DETAIL_PATH,
            false,
            "one transaction with its branches and timeline, as JSON",
            List.of(new Parameter("ID", "in the path: tx-id, 32 hexadecimal digits")),
            request -> endpoints.started(() -> endpoints.show(request))),
        new AdminEndpoint(
            "/transaction_token",
            false,
            "the file with the operator's token, for whoever may read it, as JSON",
            List.of(),
            request -> endpoints.started(endpoints::place)),
        new AdminEndpoint(
            "/transaction_resolve",
            true,
            "decide for the branches of a transaction that are in doubt here; needs the operator's token",
            List.of(ID, new Parameter("decision", "commit or abort"), BY, REASON),
            request ->
                endpoints.started(
                    () -> endpoints.permitted(request, () -> endpoints.resolve(request)))),
        new AdminEndpoint(
            "/transaction_forget",
            true,
            "show what stays of a transaction no more; needs the operator's token",
            List.of(ID, BY, REASON),
            request ->
                endpoints.started(
                    () -> endpoints.permitted(request, () -> endpoints.forget(request)))));
  }

  /** Nobody is kept waiting for a store that takes long to read. */
  private CompletionStage<AdminResponse> started(Command command) throws BadRequestException {
    return transactions.isStarted()
        ? command.run()
        : error(503, "transactions: starting, the store is being read (expected: soon; ask again)");
  }

  private static CompletionStage<AdminResponse> error(int status, String why) {
    return CompletableFuture.completedFuture(
        AdminResponse.json(status, print(Map.of("error", why))));
  }

  /**
   * One after the other, for each takes the engine's time; what it has answered is printed by
   * another thread, before the next may ask.
   */
  private static <T> CompletionStage<AdminResponse> ask(
      Turnstile turns, Supplier<CompletionStage<T>> question, Function<T, AdminResponse> answer) {
    CompletionStage<AdminResponse> asked = turns.pass(() -> question.get().thenApplyAsync(answer));
    return asked == null
        ? error(
            503,
            "transactions: "
                + MAX_WAITING
                + " questions wait for their answer (expected: fewer; ask again)")
        : asked;
  }

  private CompletionStage<AdminResponse> list(AdminRequest request) throws BadRequestException {
    String older = request.parameter("older_than_ms").orElse("0");
    if (!MILLIS.matcher(older).matches()) {
      throw new BadRequestException("older_than_ms: " + older + " (expected: milliseconds)");
    }
    String limit =
        request.parameter("limit").orElse(Integer.toString(TransactionFilter.DEFAULT_LIMIT));
    if (!LIMIT.matcher(limit).matches()) {
      throw new BadRequestException("limit: " + limit + " (expected: a number)");
    }
    TransactionFilter filter;
    try {
      filter =
          new TransactionFilter(
              request.parameter("state").orElse(""),
              Duration.ofMillis(Long.parseLong(older)),
              Integer.parseInt(limit));
    } catch (IllegalArgumentException e) {
      throw new BadRequestException(String.valueOf(e.getMessage()));
    }
    return ask(lists, () -> transactions.list(filter), this::answer);
  }

  /** With the place of the token, for whoever may read it. */
  private AdminResponse answer(TransactionList list) {
    return withToken(JSON.valueToTree(list));
  }

  private CompletionStage<AdminResponse> place() {
    return CompletableFuture.completedFuture(withToken(JSON.createObjectNode()));
  }

  private AdminResponse withToken(ObjectNode node) {
    transactions.token().ifPresent(token -> node.put("operatorTokenFile", token.file().toString()));
    return AdminResponse.json(print(node));
  }

  private CompletionStage<AdminResponse> show(AdminRequest request) throws BadRequestException {
    String txId = txId(request.path().substring(DETAIL_PATH.length()));
    return ask(details, () -> transactions.show(txId), detail -> answer(txId, detail));
  }

  private static String txId(String txId) throws BadRequestException {
    if (!TX_ID.matcher(txId).matches()) {
      throw new BadRequestException(
          "tx-id: " + txId + " (expected: 32 hexadecimal digits in lower case)");
    }
    return txId;
  }

  private static AdminResponse answer(String txId, Optional<TransactionDetail> detail) {
    return detail
        .map(known -> AdminResponse.json(print(known)))
        .orElseGet(() ->
            AdminResponse.json(
                404,
                print(Map.of("error", "tx-id: " + txId + " is not known here", "txId", txId))));
  }

  /** What changes something. */
  private interface Command {
    CompletionStage<AdminResponse> run() throws BadRequestException;
  }

  private CompletionStage<AdminResponse> permitted(AdminRequest request, Command command)
      throws BadRequestException {
    OperatorToken token = transactions.token().orElse(null);
    if (token == null) {
      return refused(503, "none was made, see the log");
    }
    if (token.matches(request.token())) {
      return command.run();
    }
    long times = refusals.happened();
    if (times > 0) {
      LOG.warn(
          "administration request refused: path={} reason=operator token {} times={}",
          request.path(),
          request.token() == null ? "missing" : "wrong",
          times);
    }
    return refused(
        403,
        (request.token() == null ? "missing" : "wrong")
            + " (expected: the content of "
            + token.file()
            + ", which this sidecar's user can read, in the header "
            + OperatorToken.HEADER
            + ")");
  }

  private static CompletionStage<AdminResponse> refused(int status, String why) {
    return error(status, "operator token: " + why);
  }

  private CompletionStage<AdminResponse> resolve(AdminRequest request) throws BadRequestException {
    String word = request.parameter("decision").orElse("");
    Decision decision =
        switch (word) {
          case "commit" -> Decision.COMMIT;
          case "abort" -> Decision.ABORT;
          default ->
              throw new BadRequestException("decision: " + word + " (expected: commit or abort)");
        };
    return transactions
        .resolve(txId(required(request, "id")), decision, ground(request))
        .thenApply(TransactionEndpoints::answer);
  }

  private CompletionStage<AdminResponse> forget(AdminRequest request) throws BadRequestException {
    return transactions
        .forget(txId(required(request, "id")), ground(request))
        .thenApply(TransactionEndpoints::answer);
  }

  private static Ground ground(AdminRequest request) throws BadRequestException {
    return new Ground(required(request, "by"), required(request, "reason"));
  }

  private static String required(AdminRequest request, String name) throws BadRequestException {
    String value = request.parameter(name).orElse("").strip();
    if (value.isEmpty()) {
      throw new BadRequestException(name + ": missing");
    }
    return value;
  }

  private static AdminResponse answer(Result result) {
    return switch (result.status()) {
      case DONE -> AdminResponse.json(print(result));
      case UNKNOWN -> AdminResponse.json(404, print(Map.of("error", result.message())));
      case REFUSED -> AdminResponse.json(409, print(Map.of("error", result.message())));
      case FAILED -> AdminResponse.json(503, print(Map.of("error", result.message())));
    };
  }

  private static String print(Object value) {
    try {
      return JSON.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "a record that was built here cannot be printed: " + e.getMessage(), e);
    }
  }
}
