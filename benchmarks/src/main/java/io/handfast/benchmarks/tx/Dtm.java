package io.handfast.benchmarks.tx;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The service that calls, coordinated by dtm: what its client library does for TCC over HTTP.
 * Thread-safe.
 *
 * @see <a href="https://github.com/dtm-labs/client/blob/v1.18.5/dtmcli/tcc.go">dtmcli/tcc.go</a>
 */
final class Dtm implements Handler {
  private final Caller server;
  private final List<Caller> participants;
  private final String life = UUID.randomUUID().toString();
  private final AtomicLong count = new AtomicLong();

  /**
   * A service.
   *
   * @param server dtm's HTTP port
   * @param participants themselves
   */
  Dtm(Caller server, List<Caller> participants) {
    this.server = server;
    this.participants = participants;
  }

  @Override
  public Answer serve(Request request) throws IOException {
    // All of one length: beside 1, dtm with boltdb does not confirm 10 (seen, and gone with this).
    String gid = String.format(Locale.ROOT, "%s-%012d", life, count.incrementAndGet());
    String transaction = "\"gid\": \"" + gid + "\", \"trans_type\": \"tcc\"";
    require("prepare", "{" + transaction + "}");
    int nth = 0;
    for (Caller participant : participants) {
      String branch = String.format(Locale.ROOT, "%02d", ++nth);
      String service = "http://127.0.0.1:" + participant.port();
      require(
          "registerBranch",
          "{%s, \"branch_id\": \"%s\", \"data\": \"{}\", \"confirm\": \"%s/confirm\", \"cancel\": \"%s/cancel\"}"
              .formatted(transaction, branch, service, service));
      String query = "?gid=%s&trans_type=tcc&branch_id=%s&op=try".formatted(gid, branch);
      if (participant.post("/try" + query, "", request.body()).status() != 200) {
        require("abort", "{" + transaction + "}");
        return new Answer(409, "{}");
      }
    }
    require("submit", "{" + transaction + "}");
    return Answer.OK;
  }

  private void require(String operation, String body) throws IOException {
    Answer answer = server.post("/api/dtmsvr/" + operation, "", body);
    if (answer.status() != 200 || answer.body().contains("FAILURE")) {
      throw new IOException(operation + ": " + answer + " (expected: 200 and success)");
    }
  }
}
