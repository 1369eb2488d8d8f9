package io.handfast.proxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Prints every change of state of the transactions of a sidecar, as far as it is seen once a
 * second. A sidecar that does not answer is asked again: it may restart.
 */
final class TxWatch {
  private static final long PERIOD_MS = 1_000;

  private final AdminClient client;
  private final PrintWriter out;
  private final PrintWriter asides;
  private final boolean json;
  private final Map<String, String> known = new HashMap<>();
  private boolean silent;
  private boolean cut;

  /**
   * @param json one object of JSON per line, instead of a sentence; what is no change is a sentence
   *     beside it
   */
  TxWatch(AdminClient client, PrintWriter out, PrintWriter err, boolean json) {
    this.client = client;
    this.out = out;
    this.asides = json ? err : out;
    this.json = json;
  }

  /**
   * Prints until it is over.
   *
   * @throws AdminClient.Failure if nobody answers the first time
   */
  void run(CountDownLatch over) throws AdminClient.Failure {
    look(client.get("/transactions").json());
    try {
      while (!over.await(PERIOD_MS, TimeUnit.MILLISECONDS)) {
        again();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out.flush();
  }

  private void again() {
    try {
      look(client.get("/transactions").json());
      silent = false;
    } catch (AdminClient.Failure e) {
      if (!silent) {
        silent = true;
        asides.println(e.getMessage());
        asides.flush();
      }
    }
  }

  /** Compares what is there with what was. */
  void look(JsonNode list) {
    Set<String> seen = new HashSet<>();
    for (String section : new String[] {"inFlight", "recent"}) {
      for (JsonNode tx : list.path(section)) {
        seen.add(tx.path("txId").asText());
        changed(tx);
      }
    }
    known.keySet().retainAll(seen);
    int omitted = list.path("omitted").asInt();
    if (omitted > 0 && !cut) {
      asides.println("there are " + omitted + " more, whose changes are not shown");
      asides.flush();
    }
    cut = omitted > 0;
    out.flush();
  }

  private void changed(JsonNode tx) {
    String id = tx.path("txId").asText();
    String now = tx.path("state").asText() + " " + tx.path("outcome").asText();
    String before = known.put(id, now);
    if (now.equals(before)) {
      return;
    }
    if (json) {
      out.println(line((ObjectNode) tx, before == null ? "" : before));
      return;
    }
    StringBuilder line = new StringBuilder(id);
    line.append("  ").append(tx.path("role").asText());
    line.append("  ").append(before == null ? "" : before + " -> ").append(now);
    line.append("  ").append(TxTables.age(tx.path("ageMs").asLong()));
    if (!tx.path("detail").asText().isEmpty()) {
      line.append("  ").append(tx.path("detail").asText());
    }
    out.println(line);
  }

  /** The summary, and what it was when it was seen last. */
  private static String line(ObjectNode tx, String before) {
    int space = before.indexOf(' ');
    return tx.deepCopy()
        .put("stateBefore", space < 0 ? "" : before.substring(0, space))
        .put("outcomeBefore", space < 0 ? "" : before.substring(space + 1))
        .toString();
  }
}
