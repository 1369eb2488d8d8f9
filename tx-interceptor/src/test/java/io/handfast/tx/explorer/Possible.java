package io.handfast.tx.explorer;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.explorer.JournalWorld.Kind;
import io.handfast.tx.explorer.Node.Effect;
import io.handfast.tx.explorer.Node.Write;
import io.handfast.tx.explorer.search.Moves;
import io.handfast.tx.explorer.search.World;
import java.util.List;

/** Collects what can happen in a world. Confined to one state. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class Possible {
  private static final int DEADLINE = 1 << TimerKind.DEADLINE.ordinal();
  private static final int TRY_TIMEOUT = 1 << TimerKind.TRY_TIMEOUT.ordinal();

  private final JournalWorld world;
  private final Moves moves = new Moves();

  Possible(JournalWorld world) {
    this.world = world;
  }

  List<World.Move> moves() {
    if (world.breach != null) {
      return moves.all();
    }
    for (int i = 0; i < world.bag.size(); i++) {
      if (!world.bag.isRepeated(i)) {
        message(i, world.bag.get(i));
      }
    }
    for (Node node : world.nodes) {
      sidecar(node);
      service(node);
    }
    clientGoes();
    timers();
    return moves.all();
  }

  /** Early at the cost of the bound; for nothing when nothing but a restart can happen. */
  private void timers() {
    boolean quiet = moves.isQuiet(it -> it.kind() == Kind.RESTART || isOfALatePreCommit(it));
    for (Node node : world.nodes) {
      timers(quiet, node);
    }
    coordinatorTimers(quiet);
  }

  /** It may come before a timer runs out, and after. */
  private boolean isOfALatePreCommit(World.Move move) {
    return move.kind() == Kind.DELIVER
        && isLatePreCommit(world.bag.get(move.at()))
        && !waits(world.bag.get(move.at()));
  }

  private boolean isLatePreCommit(Message message) {
    return world.model.bounds.lates() && message.kind() == Message.Kind.STANDING && message.flag();
  }

  private void message(int index, Message message) {
    // Votes are sent again until somebody is there; all else fails if nobody is.
    if (message.kind() != Message.Kind.VOTES || world.nodes[message.to()].up) {
      if (!isTooEarly(message)) {
        moves.can(Kind.DELIVER, index, 0);
      }
    }
    boolean asks = message.kind() == Message.Kind.STANDING;
    if (asks && world.model.layout.isThreePhase() && !waits(message)) {
      moves.might(1, Kind.LOST_WITH_ITS_SENDER, index, 0); // it died at once
    }
    if (message.kind().travels()) {
      moves.might(mayBeLost(message) ? world.drops : 0, Kind.DROP, index, 0);
      if (message.kind() != Message.Kind.ANSWER) {
        moves.might(world.duplicates, Kind.DUPLICATE, index, 0);
      }
      boolean givenUp = !message.kind().isAnswer() && message.kind() != Message.Kind.VOTES;
      if (givenUp && mayBeLost(message)) {
        moves.might(world.duplicates, Kind.LATE, index, 0);
      }
    }
    if (message.kind() == Message.Kind.INQUIRY) {
      // Under THREE_PHASE who says NOT_MINE is taken for dead: no stranger says so of one that
      // lives.
      moves.might(isSynchronous() ? 0 : world.strangers, Kind.STRANGER_ANSWERS, index, 0);
      if (!world.nodes[0].up) {
        moves.might(world.strangers, Kind.ANSWER_BEFORE_REPLAY, index, 0);
      }
    }
  }

  private boolean isSynchronous() {
    return world.model.layout.isThreePhase() && !world.model.bounds.parts();
  }

  /** On a synchronous network who lives is heard. */
  private boolean mayBeLost(Message message) {
    return !isSynchronous() || !message.kind().tellsLife();
  }

  /**
   * A synchronous network has brought all that a sidecar sent before anybody finds out that it has
   * died, and before it is back.
   */
  private boolean isTooEarly(Message message) {
    if (!isSynchronous()) {
      return false;
    }
    boolean findsOut =
        message.kind() == Message.Kind.INQUIRY || message.kind() == Message.Kind.STANDING;
    if (findsOut && !world.nodes[message.to()].up && waits(message)) {
      return isHeardOf(message.to());
    }
    return message.kind() == Message.Kind.STANDING_SILENT && isHeardOf(message.from());
  }

  private boolean waits(Message message) {
    Node from = world.nodes[message.from()];
    return from.up && from.life == message.life();
  }

  private boolean isHeardOf(int node) {
    for (int i = 0; i < world.bag.size(); i++) {
      Message message = world.bag.get(i);
      if (message.from() == node && message.kind().travels() && !isLatePreCommit(message)) {
        return true;
      }
    }
    return false;
  }

  private void sidecar(Node node) {
    if (!node.up) {
      if (!isSynchronous() || !isHeardOf(node.number)) {
        moves.can(Kind.RESTART, node.number, 0);
      }
      return;
    }
    List<Write> pending = world.pending(node);
    if (!pending.isEmpty()) {
      moves.can(Kind.FORCE, node.number, 0);
      if (node.written == 0 && pending.getFirst().overlapped()) {
        moves.can(Kind.WRITTEN, node.number, 0);
      }
    }
    if (pending.size() > node.written) {
      moves.might(world.disk, Kind.REFUSE_WRITE, node.number, 0);
    }
    for (int kept = node.written; kept <= pending.size(); kept++) {
      if (!pending.isEmpty()) {
        moves.might(world.disk, Kind.FAIL_FORCE, node.number, kept);
      }
      if (node.stopped) {
        moves.can(Kind.CRASH, node.number, kept); // an operator restarts what has stopped
      } else {
        moves.might(world.crashes, Kind.CRASH, node.number, kept);
      }
    }
    if (node.branch != Interner.NONE && !isSynchronous()) {
      for (int which = 0; which < 4; which++) {
        moves.might(world.strangers, Kind.STRANGER_TELLS, node.number, which);
      }
    }
    operator(node);
  }

  private void operator(Node node) {
    if (world.operators == 0) {
      return;
    }
    if (OperatorShell.mayDecide(world, node, Outcome.COMMIT)) {
      moves.might(world.operators, Kind.OPERATOR_COMMITS, node.number, 0);
    }
    if (OperatorShell.mayDecide(world, node, Outcome.ABORT)) {
      moves.might(world.operators, Kind.OPERATOR_ABORTS, node.number, 0);
    }
    if (OperatorShell.mayForget(node)) {
      moves.might(world.operators, Kind.OPERATOR_FORGETS, node.number, 0);
    }
    if (node.number == 0 && OperatorShell.mayForgetDecision(world)) {
      moves.might(world.operators, Kind.OPERATOR_FORGETS_DECISION, node.number, 0);
    }
  }

  private void timers(boolean quiet, Node node) {
    for (TimerKind kind : TimerKind.values()) {
      if ((node.timers & 1 << kind.ordinal()) != 0 && mayFire(node, 1 << kind.ordinal())) {
        moves.timer(quiet, world.early, Kind.TIMER, node.number, kind.ordinal());
      }
    }
    if (node.toldBy != 0 && node.number != 0) {
      moves.timer(quiet, world.early, Kind.PATIENCE, node.number, 0);
    }
    if (node.asksTruth) {
      moves.timer(quiet, world.early, Kind.ASK_FOR_TRUTH, node.number, 0);
    }
    if (isOver(node)) {
      if (world.model.bounds.forgets()) {
        moves.can(Kind.FORGET, node.number, 0);
      } else {
        moves.might(world.early, Kind.FORGET, node.number, 0);
      }
    }
    if (node.askedBy != 0 && node.number != 0) {
      moves.timer(quiet, world.early, Kind.PREPARE_PATIENCE, node.number, 0);
    }
  }

  /**
   * What is remembered of a branch is bounded. Only of one that decided itself that matters, and
   * where members ask each other.
   */
  private boolean isOver(Node node) {
    boolean request = false;
    for (int i = 0; i < world.bag.size(); i++) {
      Message message = world.bag.get(i);
      request |= message.kind() == Message.Kind.REQUEST && message.to() == node.number;
    }
    return node.branch == Interner.NONE
        && node.remembered != 0
        && (node.has(Node.Entry.OWN_DECISION) || world.model.bounds.forgets())
        && !request;
  }

  /** The Try's timeout is longer than the Try takes, or T17 promises nothing. */
  private boolean mayFire(Node node, int timer) {
    if (timer == TRY_TIMEOUT && (node.trying || node.late || node.prepareSent)) {
      return false;
    }
    return timer != DEADLINE || world.model.bounds.early() >= 0;
  }

  private void service(Node node) {
    int at = node.number;
    if (node.trying && !node.working) {
      moves.can(Kind.WORK, at, 0);
      for (Kind fault : List.of(Kind.REFUSE, Kind.FAIL_AFTER, Kind.FAIL_BEFORE, Kind.LOSE)) {
        moves.might(world.service, fault, at, 0);
      }
    }
    if (node.working && allAnswered(node)) {
      moves.can(Kind.ANSWER, at, 0);
      if (node.effect == Effect.RESERVED && anyFailed(node)) {
        moves.can(Kind.ROLL_BACK, at, 0);
      }
    }
    if (node.late) {
      moves.can(Kind.LATE_EFFECT, at, 0);
      moves.can(Kind.LATE_NOTHING, at, 0);
    }
    if (node.prepareSent) {
      moves.can(Kind.PREPARE, at, 0);
      moves.might(world.service, Kind.PREPARE_NOT, at, 0);
      moves.might(node.effect == Effect.RESERVED ? world.service : 0, Kind.PREPARE_NOTHING, at, 0);
    }
    if (node.confirmSent) {
      moves.can(Kind.CONFIRM, at, 0);
      moves.might(node.completing == 1 ? world.service : 0, Kind.NOT_NOW, at, 0);
    }
    if (node.cancelSent) {
      moves.can(Kind.CANCEL, at, 0);
      moves.might(node.completing == 2 ? world.service : 0, Kind.NOT_NOW, at, 0);
    }
  }

  private boolean allAnswered(Node node) {
    for (int i = 1; i < world.nodes.length; i++) {
      if (node.call(i) < 2) {
        return false;
      }
    }
    return true;
  }

  private boolean anyFailed(Node node) {
    for (int i = 1; i < world.nodes.length; i++) {
      if (node.call(i) == 3) {
        return true;
      }
    }
    return false;
  }

  private void coordinatorTimers(boolean quiet) {
    for (io.handfast.tx.core.coordinator.TimerKind kind :
        io.handfast.tx.core.coordinator.TimerKind.values()) {
      boolean runs = (world.coordinatorTimers & 1 << kind.ordinal()) != 0;
      boolean allowed =
          kind != io.handfast.tx.core.coordinator.TimerKind.DEADLINE
              || world.model.bounds.early() >= 0;
      if (runs && allowed) {
        moves.timer(quiet, world.early, Kind.COORDINATOR_TIMER, 0, kind.ordinal());
      }
    }
    for (int i = 0; i < world.nodes.length; i++) {
      if ((world.redeliver & 1 << i) != 0) {
        moves.timer(quiet, world.early, Kind.REDELIVER, i, 0);
      }
    }
  }

  private void clientGoes() {
    boolean waits = world.coordinator != Interner.NONE && world.told == ClientTold.NOTHING;
    if (!world.clientGone && waits && world.nodes[0].life == 0) {
      moves.might(1, Kind.CLIENT_GOES, 0, 0);
    }
  }
}
