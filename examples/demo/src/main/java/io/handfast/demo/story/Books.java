package io.handfast.demo.story;

import io.handfast.demo.story.Teller.Receipt;
import io.handfast.demo.town.Accounts;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What all databases and sidecars say at one moment.
 *
 * @param inFlight transactions that have not ended, by sidecar; without the sidecars that are
 *     silent
 * @param inDoubt branches in doubt, in all sidecars
 * @param transfers state by transfer
 * @param reservations state by key, at both banks
 * @param balances cents by {@code bank/account}
 * @param reserved cents that are set aside, by {@code bank/account}
 * @param audited cents in all accounts, as audit counts them through the mesh
 * @param prepared the names of transactions that PostgreSQL holds prepared
 */
record Books(
    Map<String, Integer> inFlight,
    int inDoubt,
    Map<String, String> transfers,
    Map<String, String> reservations,
    Map<String, Long> balances,
    Map<String, Long> reserved,
    long audited,
    List<String> prepared) {

  /**
   * What was found.
   *
   * @param inDoubt branches in doubt, in all sidecars
   * @param total money in all accounts, cents
   * @param audited the same as audit counts it
   * @param open reservations and transfers that are neither confirmed nor cancelled, and what is
   *     prepared
   * @param balances cents by {@code bank/account}
   * @param tallies how the transfers ended that clients were told this of
   * @param violations each a sentence; empty when all is well
   */
  record Findings(
      int inDoubt,
      long total,
      long audited,
      int open,
      Map<String, Long> balances,
      Map<Verdict, Tally> tallies,
      List<String> violations) {}

  /**
   * Transfers that clients were told the same of.
   *
   * @param everywhere how many happened at both banks and in {@code transfers}
   * @param nowhere how many left no trace but cancelled ones
   */
  record Tally(int told, int everywhere, int nowhere) {
    private static final Tally NONE = new Tally(0, 0, 0);

    private Tally plus(Fate fate) {
      return new Tally(
          told + 1,
          everywhere + (fate.happened() ? 1 : 0),
          nowhere + (fate.nothingHappened() ? 1 : 0));
    }
  }

  /** What the three databases say of one transfer. */
  private record Fate(String transfer, String debit, String credit) {
    private List<String> states() {
      return List.of(transfer, debit, credit);
    }

    boolean happened() {
      return states().stream().allMatch(CONFIRMED::equals);
    }

    boolean nothingHappened() {
      return states().stream().allMatch(state -> state.equals(ABSENT) || state.equals("CANCELLED"));
    }
  }

  static final String CONFIRMED = "CONFIRMED";
  static final String ABSENT = "ABSENT";

  /** Compares them with each other and with what the clients were told. */
  Findings compareWith(List<Receipt> receipts) {
    List<String> violations = new ArrayList<>();
    checkSidecars(violations);
    int open = countOpen(transfers, "PENDING", "transfer", violations);
    open += countOpen(reservations, "RESERVED", "reservation", violations);
    prepared.forEach(gid -> violations.add(gid + " is still prepared in PostgreSQL"));
    open += prepared.size();
    Map<String, Long> expected = openingBalances();
    Map<Verdict, Tally> tallies = new EnumMap<>(Verdict.class);
    for (Receipt receipt : receipts) {
      Order order = receipt.order();
      Fate fate = fate(order);
      judge(receipt, fate).ifPresent(violations::add);
      Verdict verdict = receipt.told().verdict();
      tallies.put(verdict, tallies.getOrDefault(verdict, Tally.NONE).plus(fate));
      if (fate.happened()) {
        expected.merge(order.from().toString(), -order.amount(), Long::sum);
        expected.merge(order.to().toString(), order.amount(), Long::sum);
      }
    }
    long total = checkMoney(expected, violations);
    return new Findings(inDoubt, total, audited, open, balances, tallies, List.copyOf(violations));
  }

  private void checkSidecars(List<String> violations) {
    for (Member member : Member.values()) {
      Integer count = inFlight.get(member.title);
      if (count == null) {
        violations.add("the sidecar of " + member.title + " does not say what is in flight");
      } else if (count > 0) {
        violations.add(
            "the sidecar of %s has %d transactions in flight".formatted(member.title, count));
      }
    }
    if (inDoubt > 0) {
      violations.add(inDoubt + " branches are in doubt");
    }
  }

  private static int countOpen(
      Map<String, String> states, String open, String what, List<String> violations) {
    int count = 0;
    for (Map.Entry<String, String> entry : states.entrySet()) {
      if (entry.getValue().equals(open)) {
        violations.add(what + " " + entry.getKey() + " is still " + open);
        count++;
      }
    }
    return count;
  }

  private Fate fate(Order order) {
    return new Fate(
        transfers.getOrDefault(order.id(), ABSENT),
        reservations.getOrDefault(order.debitKey(), ABSENT),
        reservations.getOrDefault(order.creditKey(), ABSENT));
  }

  private static Optional<String> judge(Receipt receipt, Fate fate) {
    boolean right =
        switch (receipt.told().verdict()) {
          case COMMITTED -> fate.happened();
          case ABORTED -> fate.nothingHappened();
          case UNKNOWN, NOTHING -> fate.happened() || fate.nothingHappened();
        };
    if (right) {
      return Optional.empty();
    }
    return Optional.of(
        "transfer %s: the client was told %s; transfers says %s, the debit is %s, the credit is %s"
            .formatted(
                receipt.order().id(),
                receipt.told(),
                fate.transfer(),
                fate.debit(),
                fate.credit()));
  }

  private static Map<String, Long> openingBalances() {
    Map<String, Long> opening = new HashMap<>();
    for (Member member : Member.values()) {
      for (String name : Accounts.at(member)) {
        opening.put(member.title + "/" + name, Accounts.OPENING_BALANCE);
      }
    }
    return opening;
  }

  private long checkMoney(Map<String, Long> expected, List<String> violations) {
    expected.forEach((account, cents) -> {
      if (!cents.equals(balances.get(account))) {
        violations.add(
            "%s has %s cents (expected: %d)".formatted(account, balances.get(account), cents));
      }
    });
    reserved.forEach((account, cents) -> {
      if (cents != 0) {
        violations.add("%s has %d cents reserved (expected: 0)".formatted(account, cents));
      }
    });
    long total = balances.values().stream().mapToLong(Long::longValue).sum();
    if (total != Accounts.total()) {
      violations.add("the banks hold %d cents (expected: %d)".formatted(total, Accounts.total()));
    }
    if (audited != total) {
      violations.add("audit counts %d cents (expected: %d)".formatted(audited, total));
    }
    return total;
  }
}
