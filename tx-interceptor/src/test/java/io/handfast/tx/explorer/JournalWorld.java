package io.handfast.tx.explorer;

import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.explorer.Node.Entry;
import io.handfast.tx.explorer.Node.Write;
import io.handfast.tx.explorer.search.Chart;
import io.handfast.tx.explorer.search.Fingerprint;
import io.handfast.tx.explorer.search.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two-phase commit of one transaction: sidecars that keep journals, services, a client and a
 * network. Everything that the machines do not decide may happen in any order, and faults as often
 * as {@link Bounds} say.
 *
 * <p>Changed by {@link Step} only, which makes a copy first.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class JournalWorld implements World<JournalWorld> {
  /** What can happen. */
  enum Kind {
    DELIVER,
    DROP,
    LOST_WITH_ITS_SENDER,
    DUPLICATE,
    LATE,
    FORCE,
    WRITTEN,
    FAIL_FORCE,
    REFUSE_WRITE,
    CRASH,
    RESTART,
    TIMER,
    COORDINATOR_TIMER,
    REDELIVER,
    PATIENCE,
    WORK,
    REFUSE,
    FAIL_AFTER,
    FAIL_BEFORE,
    LOSE,
    LATE_EFFECT,
    LATE_NOTHING,
    ANSWER,
    ROLL_BACK,
    CONFIRM,
    CANCEL,
    NOT_NOW,
    PREPARE,
    PREPARE_NOT,
    PREPARE_NOTHING,
    PREPARE_PATIENCE,
    FORGET,
    CLIENT_GOES,
    STRANGER_ANSWERS,
    ANSWER_BEFORE_REPLAY,
    STRANGER_TELLS,
    OPERATOR_COMMITS,
    OPERATOR_ABORTS,
    OPERATOR_FORGETS,
    OPERATOR_FORGETS_DECISION,
    ASK_FOR_TRUTH
  }

  final Model model;
  final Node[] nodes;
  final Bag<Message> bag;
  int coordinator;
  int coordinatorTimers;
  int redeliver;
  ClientTold told = ClientTold.NOTHING;
  boolean clientGone;
  int votedYes;
  int votedNo;

  /** Who voted {@code ask}, and who had nothing to commit when it was asked. */
  int offered;

  int readOnly;
  int drops;
  int duplicates;
  int crashes;
  int disk;
  int service;
  int strangers;
  int early;
  int operators;
  @Nullable String breach;

  private JournalWorld(Model model, Node[] nodes, Bag<Message> bag) {
    this.model = model;
    this.nodes = nodes;
    this.bag = bag;
  }

  /** The moment at which a client's request arrives at the boundary. */
  static JournalWorld begin(Model model) {
    Node[] nodes = new Node[model.layout.size()];
    Arrays.setAll(nodes, Node::new);
    JournalWorld world = new JournalWorld(model, nodes, new Bag<>(Message.class, model.values));
    Bounds bounds = model.bounds;
    world.drops = bounds.drops();
    world.duplicates = bounds.duplicates();
    world.crashes = bounds.crashes();
    world.disk = bounds.disk();
    world.service = bounds.service();
    world.strangers = bounds.strangers();
    world.early = bounds.early();
    world.operators = bounds.operators();
    world.clientGone = !bounds.clientGoes();
    new Step(world, Chart.NONE).begin();
    return world;
  }

  JournalWorld copy() {
    Node[] copies = new Node[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      copies[i] = nodes[i].copy();
    }
    JournalWorld copy = new JournalWorld(model, copies, bag.copy());
    copy.coordinator = coordinator;
    copy.coordinatorTimers = coordinatorTimers;
    copy.redeliver = redeliver;
    copy.told = told;
    copy.clientGone = clientGone;
    copy.votedYes = votedYes;
    copy.votedNo = votedNo;
    copy.offered = offered;
    copy.readOnly = readOnly;
    copy.drops = drops;
    copy.duplicates = duplicates;
    copy.crashes = crashes;
    copy.disk = disk;
    copy.service = service;
    copy.strangers = strangers;
    copy.early = early;
    copy.operators = operators;
    copy.breach = breach;
    return copy;
  }

  @Override
  public List<Move> moves() {
    return new Possible(this).moves();
  }

  @Override
  public JournalWorld after(Move move, Chart chart) {
    JournalWorld next = copy();
    new Step(next, chart).take(move);
    return next;
  }

  @Override
  public void describe(Fingerprint into) {
    for (Node node : nodes) {
      node.describe(into);
    }
    into.add((long) coordinator << 32 | coordinatorTimers << 16 | redeliver)
        .add(
            (long) told.ordinal() << 40
                | (long) votedYes << 32
                | (long) votedNo << 24
                | (long) offered << 16
                | (long) readOnly << 8
                | (clientGone ? 1 : 0))
        .add(
            (long) drops << 40
                | (long) duplicates << 32
                | crashes << 24
                | disk << 16
                | service << 8
                | strangers)
        .add((long) operators << 32 | (early & 0xffffffffL));
    bag.describe(into);
  }

  @Override
  public @Nullable String breach() {
    if (breach != null) {
      return breach;
    }
    return isSettled() ? Promises.atRest(this) : null;
  }

  void breach(String what) {
    // Where the network parts nothing is promised but what a service sees.
    boolean seen = what.endsWith("is CONFIRMED (AC1)") || what.endsWith("is CANCELLED (AC1)");
    if (breach == null && (seen || !model.bounds.parts())) {
      breach = what;
    }
  }

  @Override
  public boolean isSettled() {
    if (coordinator != Interner.NONE || bag.size() > 0) {
      return false;
    }
    for (Node node : nodes) {
      boolean atRest =
          node.up
              && !node.stopped
              && node.branch == Interner.NONE
              && (node.kept == Node.Kept.NOT || node.kept == Node.Kept.MIXED)
              && node.pending == Interner.NONE
              && !node.trying
              && !node.late
              && !node.confirmSent
              && !node.cancelSent
              && !node.prepareSent;
      if (!atRest) {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("client"));
    for (int i = 0; i < nodes.length; i++) {
      columns.add(i == 0 ? "0, coordinator and branch" : i + ", branch");
    }
    return columns;
  }

  @Nullable CoordinatorState coordinator() {
    return model.values.value(coordinator, CoordinatorState.class);
  }

  @Nullable ParticipantState branch(int node) {
    return model.values.value(nodes[node].branch, ParticipantState.class);
  }

  List<Write> pending(Node node) {
    Pending pending = model.values.value(node.pending, Pending.class);
    return pending == null ? List.of() : pending.writes();
  }

  /** What waits for a force, in its order. */
  record Pending(List<Write> writes) {}

  void pending(Node node, List<Write> writes) {
    node.pending = writes.isEmpty() ? Interner.NONE : model.values.number(new Pending(writes));
  }

  /** Whether a durable decision lists it, or is its own. */
  boolean isDecided(int node) {
    return (nodes[0].decided & 1 << node) != 0 || nodes[node].has(Entry.OWN_DECISION);
  }

  /** Whether any decision is durable. */
  boolean hasDecision() {
    if (model.layout.isThreePhase()) {
      return Promises.isCertain(this);
    }
    for (Node node : nodes) {
      if (node.has(Entry.DECISION) || node.has(Entry.OWN_DECISION)) {
        return true;
      }
    }
    return false;
  }
}
