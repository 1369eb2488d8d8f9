package io.handfast.proxy.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.handfast.proxy.admin.AdminEndpoint.Parameter;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.operator.TransactionQueries;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * {@code /transactions} and {@code /transactions/ID}: the records of {@code
 * io.handfast.tx.operator} as JSON, member by member; their documentation is the documentation of
 * the fields. Names stay, new ones may join.
 */
final class TransactionEndpoints {

  private static final Pattern TX_ID = Pattern.compile("[0-9a-f]{32}");
  private static final String DETAIL_PATH = "/transactions/";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final TransactionQueries queries;

  private TransactionEndpoints(TransactionQueries queries) {
    this.queries = queries;
  }

  static List<AdminEndpoint> all(TransactionQueries queries) {
    TransactionEndpoints endpoints = new TransactionEndpoints(queries);
    return List.of(
        new AdminEndpoint(
            "/transactions",
            false,
            "transactions in flight, in doubt and ended lately, as JSON",
            List.of(),
            request -> endpoints.list()),
        new AdminEndpoint(
            DETAIL_PATH,
            false,
            "one transaction with its branches and timeline, as JSON",
            List.of(new Parameter("ID", "in the path: tx-id, 32 hexadecimal digits")),
            endpoints::show));
  }

  private CompletionStage<AdminResponse> list() {
    return queries.list().thenApply((TransactionList list) -> AdminResponse.json(print(list)));
  }

  private CompletionStage<AdminResponse> show(AdminRequest request) throws BadRequestException {
    String txId = request.path().substring(DETAIL_PATH.length());
    if (!TX_ID.matcher(txId).matches()) {
      throw new BadRequestException(
          "tx-id: " + txId + " (expected: 32 hexadecimal digits in lower case)");
    }
    return queries.show(txId).thenApply(detail -> answer(txId, detail));
  }

  private static AdminResponse answer(String txId, Optional<TransactionDetail> detail) {
    return detail
        .map(known -> AdminResponse.json(print(known)))
        .orElseGet(() ->
            AdminResponse.json(
                404,
                print(Map.of("error", "tx-id: " + txId + " is not known here", "txId", txId))));
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
