package io.handfast.tx.explorer;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.PrepareAnswer;
import io.handfast.tx.explorer.Node.Effect;
import io.handfast.tx.explorer.Node.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What must hold: AC1 to AC5 of Bernstein, Hadzilacos and Goodman, "force before tell", and that
 * nobody is told what is not so. Each says what is wrong, with the name of the promise, or null.
 */
final class Promises {
  private Promises() {}

  /** When nothing is left to do. */
  static @Nullable String atRest(JournalWorld world) {
    boolean committed = false;
    for (Node node : world.nodes) {
      committed |= node.effect == Effect.CONFIRMED && !node.isResolved();
    }
    for (Node node : world.nodes) {
      String wrong = atRest(world, node, committed);
      if (wrong != null) {
        return wrong;
      }
    }
    if (world.told == ClientTold.ABORTED && committed) {
      return "the client was told aborted, and an effect is there";
    }
    boolean answered = world.told != ClientTold.NOTHING;
    boolean gone = world.model.bounds.clientGoes() && world.clientGone;
    if (!answered && !gone && world.nodes[0].life == 0) {
      return "the client waits for ever";
    }
    if (world.model.bounds.early() < 0 && world.told != ClientTold.COMMITTED) {
      return "all voted yes and nothing failed, and it did not commit (AC4)";
    }
    return null;
  }

  private static @Nullable String atRest(JournalWorld world, Node node, boolean committed) {
    int n = node.number;
    if (node.effect == Effect.RESERVED) {
      return "an orphan: the reservation at " + n + " is left";
    }
    if (node.isResolved()) {
      return heuristicAtRest(world, node);
    }
    boolean promised = (world.votedYes & 1 << n) != 0;
    boolean decided =
        world.model.layout.isThreePhase() ? committed && promised : world.isDecided(n);
    if (decided != (node.effect == Effect.CONFIRMED)) {
      return n
          + " is "
          + node.effect
          + (decided ? " and in" : " and not in")
          + " the decision (AC1)";
    }
    boolean needed = isNeeded(world, n);
    if (needed && committed && node.effect != Effect.CONFIRMED) {
      return n + " is " + node.effect + " and another one has committed (AC1)";
    }
    if (needed && world.told == ClientTold.COMMITTED && node.effect != Effect.CONFIRMED) {
      return "the client was told committed, and the effect at " + n + " is not there";
    }
    return null;
  }

  /**
   * T21: what an operator decided has been done and nothing else, the truth is recorded, once, and
   * where it is another the branch shows it.
   */
  private static @Nullable String heuristicAtRest(JournalWorld world, Node node) {
    boolean commits = node.has(Entry.RESOLVED_COMMIT);
    boolean wrong = node.effect == (commits ? Effect.CANCELLED : Effect.CONFIRMED);
    if (wrong && !node.straggled) {
      return node.number + " is " + node.effect + ", and an operator decided otherwise (T21)";
    }
    if (!node.hasEnd() || node.has(Entry.END_COMMITTED) != commits) {
      return node.number + " does not record what an operator decided as its end (T21)";
    }
    if (node.has(Entry.SETTLED_COMMIT) && node.has(Entry.SETTLED_ABORT)) {
      return node.number + " has overwritten what the truth was (T21)";
    }
    if (node.has(Entry.FORGOTTEN)) {
      return null;
    }
    if (!node.has(world.isDecided(node.number) ? Entry.SETTLED_COMMIT : Entry.SETTLED_ABORT)) {
      return node.number + " is at rest and has not recorded the truth (T21)";
    }
    boolean mixed = commits != world.isDecided(node.number);
    return mixed == (node.kept == Node.Kept.MIXED)
        ? null
        : node.number + (mixed ? " does not show" : " shows") + " a mixed outcome (T21)";
  }

  /** Whether an operator has decided for any branch. */
  static boolean anyIsHeuristic(JournalWorld world) {
    for (Node node : world.nodes) {
      if (node.isResolved()) {
        return true;
      }
    }
    return false;
  }

  /** Without its effect nothing has committed. */
  private static boolean isNeeded(JournalWorld world, int n) {
    return world.model.layout.isUpdating(n)
        && !world.model.layout.isOptional(n)
        && (world.readOnly & 1 << n) == 0;
  }

  /** The service gets a request: what undoing needs is kept. */
  static void requestGoes(JournalWorld world, Node node) {
    int kept = node.durable;
    if (node.written > 0) {
      kept |= world.pending(node).getFirst().entries();
    }
    if (world.model.layout.isUpdating(node.number) && (kept & Entry.BEGUN.bit()) == 0) {
      world.breach(node.number + " sees a request before BEGUN is kept (force before tell)");
    }
  }

  /** A yes leaves. */
  static void votesYes(JournalWorld world, Node node, boolean recordRides) {
    Durability durability = world.model.layout.branch(node.number).durability();
    if (node.has(Entry.RESOLVED_ABORT) || node.word == Outcome.ABORT) {
      world.breach(node.number + " votes yes after an operator's ABORT (T21)");
    }
    boolean recorded =
        node.has(Entry.PREPARED)
            || (durability.isComplete()
                && node.has(Entry.BEGUN)
                && !world.model.layout.isThreePhase());
    if (!recorded && !recordRides) {
      world.breach(node.number + " votes yes before its record is durable (force before tell)");
    }
    if (world.model.layout.branch(node.number).prepares() && !node.ready) {
      world.breach(node.number + " promises before its service has prepared");
    }
    world.votedYes |= 1 << node.number;
  }

  /** A decision is about to be forced. */
  static void decides(JournalWorld world, int nodes, boolean recordRides) {
    int without = nodes & ~world.votedYes;
    if (without != 0) {
      world.breach("decided without the yes of " + lowest(without) + " (AC3)");
    }
    if (recordRides && (nodes & 1) == 0) {
      world.breach("the root's record rides in a decision that does not list it");
    }
    nobodySaidNo(world);
  }

  private static void nobodySaidNo(JournalWorld world) {
    for (int i = 0; i < world.nodes.length; i++) {
      boolean no = (world.votedNo & 1 << i) != 0;
      if (no && !world.model.layout.isOptional(i)) {
        world.breach("decided against the no of " + i + " (AC3)");
      }
    }
  }

  /** A branch is about to decide alone. */
  static void decidesAlone(JournalWorld world, Node node) {
    nobodySaidNo(world);
    if (world.model.layout.branch(node.number).prepares() && !node.ready) {
      world.breach(node.number + " decides before its service has prepared");
    }
    for (Node other : world.nodes) {
      if (other.number != node.number && isNeeded(world, other.number)) {
        world.breach(node.number + " decides alone beside " + other.number + " (AC3)");
      }
    }
  }

  /** It says what it has decided. */
  static void tellsItsDecision(JournalWorld world, Node node, Answer answer) {
    boolean readOnly = (world.readOnly & 1 << node.number) != 0;
    if (answer == Answer.COMMITTED && !node.has(Entry.OWN_DECISION) && !readOnly) {
      world.breach(node.number + " says committed before its decision is durable");
    } else if (answer == Answer.ABORTED && node.has(Entry.OWN_DECISION)) {
      world.breach(node.number + " says aborted, and its decision is durable");
    }
  }

  /** A decision is durable. */
  static void decided(JournalWorld world) {
    if (world.told == ClientTold.ABORTED && world.hasDecision()) {
      world.breach("the client was told aborted, and the decision is durable");
    }
    for (Node node : world.nodes) {
      boolean cancelled = node.effect == Effect.CANCELLED && !node.isResolved();
      if (world.isDecided(node.number) && cancelled) {
        world.breach(node.number + " was cancelled, and is in a durable decision (AC1)");
      }
    }
  }

  /** COMMIT leaves, or the answer COMMITTED. */
  static void tellsCommit(JournalWorld world, int node) {
    if (!world.hasDecision()) {
      world.breach(node + " is told committed before the decision is durable (force before tell)");
    } else if (world.model.layout.isThreePhase()) {
      if ((world.votedYes & 1 << node) == 0) {
        world.breach(node + " is told committed and has not promised");
      }
    } else if (!world.isDecided(node)) {
      world.breach(node + " is told committed and is not in the decision");
    }
  }

  /** ABORT leaves, or the answer ABORTED; to a branch that has ended it is stale (T15). */
  static void tellsAbort(JournalWorld world, int node) {
    boolean decided = (world.nodes[0].decided & 1 << node) != 0;
    if (decided && !world.nodes[node].hasEnd()) {
      world.breach(node + " is told aborted and is in a durable decision");
    }
  }

  /** The client is answered. */
  static void answersClient(JournalWorld world, ClientTold what) {
    if (world.told != ClientTold.NOTHING) {
      world.breach("the client is answered twice: " + world.told + ", " + what);
    }
    boolean decision = world.hasDecision();
    boolean updated = false;
    for (int i = 0; i < world.nodes.length; i++) {
      boolean voted = ((world.votedYes | world.offered) & 1 << i) != 0;
      updated |= voted && isNeeded(world, i);
    }
    if (what == ClientTold.COMMITTED && !decision && updated) {
      world.breach("the client is told committed before the decision is durable");
    }
    if (what == ClientTold.ABORTED && decision) {
      world.breach("the client is told aborted, and the decision is durable");
    }
  }

  /** DONE leaves. */
  static void acknowledges(JournalWorld world, Node node) {
    boolean begun = node.has(Entry.BEGUN) || node.has(Entry.PREPARED) || node.has(Entry.OWN);
    if (begun && !node.hasEnd()) {
      world.breach(node.number + " acknowledges before its end is durable (T16)");
    }
    boolean settled = (node.durable & Node.SETTLED) != 0 || node.has(Entry.FORGOTTEN);
    if (node.isResolved() && node.toldBy != 0 && !settled) {
      world.breach(node.number + " acknowledges before the truth is durable (T21)");
    }
  }

  /** The coordinator says of a decision that nothing is owed any more. */
  static void forgets(JournalWorld world) {
    for (Node node : world.nodes) {
      if ((world.nodes[0].decided & 1 << node.number) != 0 && !node.hasEnd()) {
        world.breach("the transaction ends before " + node.number + " has (nobody forgotten)");
      }
    }
  }

  /** A service's Try has its effect. */
  static void reserves(JournalWorld world, Node node) {
    if (node.effect != Effect.NONE) {
      world.breach(node.number + " is tried after it was " + node.effect + " (T17)");
    }
  }

  /** A service has prepared, or says that it cannot. */
  static void prepares(JournalWorld world, Node node, PrepareAnswer answer) {
    if (answer == PrepareAnswer.READ_ONLY && node.completing == 3) {
      world.readOnly |= 1 << node.number;
    } else if (answer == PrepareAnswer.PREPARED && node.effect == Effect.CANCELLED) {
      world.breach(node.number + " prepares after it was cancelled (T17)");
    }
    node.ready |= answer == PrepareAnswer.PREPARED;
  }

  /** THREE_PHASE: a branch says that it commits. */
  static void saysCommitted(JournalWorld world, Node node) {
    if (!isCertain(world)) {
      world.breach(node.number + " says committed before that is certain (force before tell)");
    }
  }

  /** THREE_PHASE: all have promised, and some branch keeps that it knows so. */
  static boolean isCertain(JournalWorld world) {
    for (Node node : world.nodes) {
      if (node.has(Entry.PRE_COMMITTED) && world.nodes[0].has(Entry.PRE_COMMIT)) {
        return true;
      }
    }
    return false;
  }

  /** A service confirms or cancels. */
  static void completes(JournalWorld world, Node node, boolean confirm) {
    boolean decided = world.isDecided(node.number);
    if (!confirm && node.prepareSent) {
      world.breach(node.number + " cancels while it prepares (T17)");
    }
    if (world.model.layout.isThreePhase()) {
      decided = confirm && isCertain(world);
      for (Node other : world.nodes) {
        if (other.effect == (confirm ? Effect.CANCELLED : Effect.CONFIRMED)
            && isNeeded(world, other.number)
            && isNeeded(world, node.number)) {
          world.breach(
              node.number
                  + (confirm ? " confirms" : " cancels")
                  + ", and "
                  + other.number
                  + " is "
                  + other.effect
                  + " (AC1)");
        }
      }
    }
    if (node.isResolved()) {
      if (confirm != node.has(Entry.RESOLVED_COMMIT) && !node.straggles()) {
        world.breach(
            node.number
                + (confirm ? " confirms" : " cancels")
                + ", and an operator decided otherwise (T21)");
      }
      return;
    }
    boolean reversed =
        node.effect == (confirm ? Effect.CANCELLED : Effect.CONFIRMED)
            || (confirm && node.effect == Effect.NONE);
    String what = confirm ? " confirms" : " cancels";
    if (reversed) {
      world.breach(node.number + what + " what was " + node.effect + " (AC2)");
    } else if (confirm != decided) {
      world.breach(
          node.number + what + (decided ? " and is in" : " and is not in") + " a decision (AC1)");
    }
  }

  private static int lowest(int bits) {
    return Integer.numberOfTrailingZeros(bits);
  }
}
