package io.handfast.tx.explorer;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.explorer.JournalWorld.Kind;
import io.handfast.tx.explorer.search.Cascade;
import io.handfast.tx.explorer.search.Chart;
import io.handfast.tx.explorer.search.World;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one move, and all that follows from it in the same sidecar before anything else can happen
 * there. Confined to one move.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class Step {
  final JournalWorld world;
  final Model model;
  final Chart chart;
  final ParticipantShell participants;
  final CoordinatorShell coordinator;
  final PrepareShell prepares;
  final MemberShell members;
  final OperatorShell operators;
  final Stores stores;
  private final Cascade cascade;

  Step(JournalWorld world, Chart chart) {
    this.world = world;
    this.model = world.model;
    this.chart = chart;
    this.cascade = new Cascade(world::breach);
    this.participants = new ParticipantShell(this);
    this.coordinator = new CoordinatorShell(this);
    this.prepares = new PrepareShell(this);
    this.members = new MemberShell(this);
    this.operators = new OperatorShell(this);
    this.stores = new Stores(this);
  }

  void begin() {
    cascade.run(() -> {
      coordinator.begin();
      participants.open(0, 0);
    });
  }

  void take(World.Move move) {
    if (chart.isOn()) {
      draw(move);
    }
    cascade.run(() -> perform(move));
  }

  /** Runs after what runs now, before anything else can happen in this sidecar. */
  void locally(Runnable action) {
    cascade.follow(action);
  }

  private void perform(World.Move move) {
    Node node = world.nodes[Math.min(move.at(), world.nodes.length - 1)];
    switch ((Kind) move.kind()) {
      case DELIVER -> deliver(world.bag.remove(move.at()));
      case DROP -> {
        world.drops--;
        lost(world.bag.remove(move.at()));
      }
      case LOST_WITH_ITS_SENDER -> lost(world.bag.remove(move.at()));
      case DUPLICATE -> {
        world.duplicates--;
        deliver(world.bag.get(move.at()));
      }
      case LATE -> {
        world.duplicates--;
        lost(world.bag.get(move.at()));
      }
      case FORCE -> stores.force(node);
      case WRITTEN -> stores.written(node);
      case FAIL_FORCE -> {
        world.disk--;
        stores.fail(node, move.which());
      }
      case REFUSE_WRITE -> {
        world.disk--;
        stores.refuse(node);
      }
      case CRASH -> {
        world.crashes -= node.stopped ? 0 : 1;
        stores.crash(node, move.which());
      }
      case RESTART -> stores.restart(node);
      case TIMER -> {
        world.early -= move.fault() ? 1 : 0;
        participants.timer(node, move.which());
      }
      case COORDINATOR_TIMER -> {
        world.early -= move.fault() ? 1 : 0;
        coordinator.timer(move.which());
      }
      case REDELIVER -> {
        world.early -= move.fault() ? 1 : 0;
        coordinator.redeliver(move.at());
      }
      case PATIENCE -> {
        world.early -= move.fault() ? 1 : 0;
        participants.acknowledge(node, Acknowledgement.WORKING);
      }
      case PREPARE_PATIENCE -> {
        world.early -= move.fault() ? 1 : 0;
        prepares.patience(node);
      }
      case FORGET -> {
        world.early -= move.fault() ? 1 : 0;
        node.remembered = 0;
      }
      case CLIENT_GOES -> clientGoes();
      case STRANGER_ANSWERS -> strangerAnswers(move, false, true);
      case ANSWER_BEFORE_REPLAY -> strangerAnswers(move, true, false);
      case STRANGER_TELLS -> strangerTells(node, move.which());
      case OPERATOR_COMMITS -> {
        world.operators--;
        operators.decides(node, Outcome.COMMIT);
      }
      case OPERATOR_ABORTS -> {
        world.operators--;
        operators.decides(node, Outcome.ABORT);
      }
      case OPERATOR_FORGETS -> {
        world.operators--;
        operators.forgets(node);
      }
      case OPERATOR_FORGETS_DECISION -> {
        world.operators--;
        operators.forgetsDecision();
      }
      case ASK_FOR_TRUTH -> {
        world.early -= move.fault() ? 1 : 0;
        operators.asks(node);
      }
      case WORK,
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
          PREPARE_NOTHING ->
          new Services(this).take((Kind) move.kind(), node);
    }
  }

  // The network

  void send(Message message) {
    world.bag.add(message);
  }

  /** Whether the life of a sidecar that sent a message still waits for its answer. */
  boolean waits(int node, int life) {
    return world.nodes[node].up && world.nodes[node].life == life;
  }

  private void deliver(Message message) {
    Node to = world.nodes[message.to()];
    if (!to.up) {
      lost(message);
      return;
    }
    int from = message.from();
    switch (message.kind()) {
      case REQUEST -> {
        boolean known = to.branch != Interner.NONE || to.remembered != 0;
        if (!known) {
          participants.open(to.number, message.life() + 1);
        }
      }
      case ANSWER -> participants.callEnds(from, votes(message), message.flag() ? null : "failed");
      case BROKEN -> participants.callEnds(from, List.of(), "the connection broke");
      case VOTES -> participants.voted(message);
      case VOTE_UNKNOWN -> participants.step(to, new ParticipantEvent.VoteUnknown());
      case OUTCOME -> participants.told(to, outcome(message), message.flag(), message.life() + 1);
      case ACKNOWLEDGEMENT -> coordinator.acknowledged(from, acknowledgement(message));
      case UNDELIVERED -> coordinator.undelivered(from);
      case INQUIRY -> coordinator.inquired(message, true, true);
      case INQUIRY_ANSWER -> inquiryAnswered(to, message, (Answer) message.content());
      case PREPARE -> prepares.asked(to, message.flag(), message.life() + 1, message.content());
      case PREPARE_ANSWER -> prepares.answered(message);
      case UNPREPARED -> prepares.unanswered(from, message.flag());
      case STANDING -> members.asked(message);
      case STANDING_ANSWER -> members.answered(message);
      case STANDING_SILENT -> members.silent(message);
    }
  }

  /** What its sender makes of a message that got lost. */
  private void lost(Message message) {
    int from = message.from();
    switch (message.kind()) {
      case REQUEST -> {
        if (waits(0, message.life())) {
          participants.callEnds(message.to(), List.of(), "no connection");
        }
      }
      case ANSWER -> participants.callEnds(from, List.of(), "the connection broke");
      case OUTCOME -> {
        if (waits(0, message.life())) {
          coordinator.undelivered(message.to());
        }
      }
      case ACKNOWLEDGEMENT -> coordinator.undelivered(from);
      case INQUIRY -> {
        if (waits(from, message.life())) {
          inquiryAnswered(world.nodes[from], message, null);
        }
      }
      case INQUIRY_ANSWER -> inquiryAnswered(world.nodes[message.to()], message, null);
      case PREPARE -> {
        if (waits(0, message.life())) {
          prepares.unanswered(message.to(), message.flag());
        }
      }
      case PREPARE_ANSWER -> prepares.unanswered(from, message.flag());
      case STANDING -> {
        if (waits(from, message.life())) {
          members.silent(message.to(), from, message.content());
        }
      }
      case STANDING_ANSWER -> members.silent(message);
      // Sent again until the deadline; after it the participant asks, which may happen at any time.
      case VOTES, VOTE_UNKNOWN, BROKEN, UNDELIVERED, UNPREPARED, STANDING_SILENT -> {}
    }
  }

  /** Of a branch in doubt, or of one that an operator has decided. */
  private void inquiryAnswered(Node node, Message message, @Nullable Answer answer) {
    if (message.flag()) {
      operators.answered(node, answer);
    } else {
      participants.inquiryAnswered(node, answer);
    }
  }

  @SuppressWarnings("unchecked") // written as such by ParticipantShell
  static List<BranchVote> votes(Message message) {
    return message.content() == null ? List.of() : (List<BranchVote>) message.content();
  }

  private static Outcome outcome(Message message) {
    return message.content() == Outcome.COMMIT ? Outcome.COMMIT : Outcome.ABORT;
  }

  private static Acknowledgement acknowledgement(Message message) {
    if (message.content() instanceof Acknowledgement acknowledgement) {
      return acknowledgement;
    }
    throw new AssertionError(message + " (expected: what a participant says)");
  }

  // The client, and strangers

  private void clientGoes() {
    world.clientGone = true;
    Node root = world.nodes[0];
    coordinator.clientGone();
    ParticipantState branch = world.branch(0);
    boolean held =
        branch instanceof ParticipantState.Beginning
            || branch instanceof ParticipantState.Withdrawn;
    if (held) {
      participants.serviceAnswered(root, TryAnswer.NOT_SENT);
    } else if (root.trying && root.tryLife == root.life) {
      root.tryLife = -1; // the first word counts
      participants.serviceAnswered(root, TryAnswer.LOST);
    }
  }

  private void strangerAnswers(World.Move move, boolean ours, boolean replayed) {
    world.strangers--;
    coordinator.inquired(world.bag.remove(move.at()), ours, replayed);
  }

  private void strangerTells(Node node, int which) {
    world.strangers--;
    Outcome outcome = (which & 1) == 0 ? Outcome.ABORT : Outcome.COMMIT;
    boolean inItsName = (which & 2) != 0;
    BranchKey key = new BranchKey(Layout.TX, model.layout.branch(node.number).id());
    if (model.machines.believes(key, inItsName, false)) {
      participants.step(node, new ParticipantEvent.Told(outcome, false));
    }
  }

  // The chart

  private void draw(World.Move move) {
    Kind kind = (Kind) move.kind();
    switch (kind) {
      case DELIVER, DUPLICATE, DROP, LATE, LOST_WITH_ITS_SENDER -> {
        Message message = world.bag.get(move.at());
        String again =
            kind == Kind.DUPLICATE
                ? " (once more to come)"
                : kind == Kind.LATE ? " (given up)" : "";
        boolean lost =
            kind == Kind.DROP || kind == Kind.LOST_WITH_ITS_SENDER || !world.nodes[message.to()].up;
        chart.arrow(message.from() + 1, message.to() + 1, message + again, lost);
      }
      case CLIENT_GOES -> chart.note(0, "goes away");
      case STRANGER_ANSWERS, ANSWER_BEFORE_REPLAY -> {
        Message message = world.bag.get(move.at());
        chart.note(
            message.from() + 1,
            kind == Kind.STRANGER_ANSWERS
                ? "asks, and a stranger answers"
                : "asks, and is answered before replay");
      }
      case STRANGER_TELLS ->
          chart.note(
              move.at() + 1, "a stranger tells " + ((move.which() & 1) == 0 ? "ABORT" : "COMMIT"));
      case TIMER ->
          chart.note(
              move.at() + 1,
              "timer " + io.handfast.tx.core.participant.TimerKind.values()[move.which()]);
      case COORDINATOR_TIMER ->
          chart.note(
              1, "C timer " + io.handfast.tx.core.coordinator.TimerKind.values()[move.which()]);
      case REDELIVER -> chart.note(1, "C tells " + move.at() + " again");
      case CRASH -> chart.note(move.at() + 1, "CRASH, keeps " + move.which() + " of its writes");
      case FAIL_FORCE ->
          chart.note(move.at() + 1, "FORCE FAILS, keeps " + move.which() + " of its writes");
      case FORCE -> chart.note(move.at() + 1, "force " + stores.describePending(move.at()));
      default ->
          chart.note(
              move.at() + 1, kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }
  }
}
